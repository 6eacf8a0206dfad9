/* Another program that uses the card for a while, shared with others: holder "NAME OF THE READER" MILLISECONDS.
   It says "held" once it has the card. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <winscard.h>

int main(int count, char **arguments) {
  SCARDCONTEXT context;
  SCARDHANDLE card;
  DWORD protocol;
  if (count != 3 || SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) return 2;
  if (SCardConnect(context, arguments[1], SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol) != SCARD_S_SUCCESS)
    return 1;
  puts("held");
  fflush(stdout);
  usleep((useconds_t)(atoi(arguments[2]) * 1000));
  SCardDisconnect(card, SCARD_LEAVE_CARD);
  SCardReleaseContext(context);
  return 0;
}

/* A smart-card library with the habits of other systems, readers and drivers, laid over the real one by LD_PRELOAD.
   What is not in the environment is as usual. Numbers as C writes them.

   ESTABLISH_CODE     what SCardEstablishContext answers ...
   ESTABLISH_MS       ... in the first so many milliseconds of the program; for ever without it
   CONNECT_CODE       what SCardConnect answers
   EXTENDED_CODE      what SCardTransmit answers to a command in extended form, which reaches no card
   TRANSMIT_CODE      what SCardTransmit answers to every command, which reaches no card
   PROTOCOL           the protocol that SCardConnect says was agreed on
   ROOM               if set, SCardTransmit refuses a command for whose answer there is more room than this
   LIE                if set, SCardTransmit says that the answer is longer than the room for it */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <winscard.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int set(const char *name, LONG *number) {
  const char *text = getenv(name);
  if (text) *number = (LONG)strtoul(text, NULL, 0);
  return text != NULL;
}

static struct timespec began;

__attribute__((constructor)) static void begin(void) { clock_gettime(CLOCK_MONOTONIC, &began); }

static LONG milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1000000;
}

LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT context) {
  LONG code, until;
  if (set("ESTABLISH_CODE", &code) && (!set("ESTABLISH_MS", &until) || milliseconds() < until)) return code;
  return REAL(SCardEstablishContext)(scope, a, b, context);
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD mode, DWORD wanted, LPSCARDHANDLE card, LPDWORD agreed) {
  LONG code;
  if (set("CONNECT_CODE", &code)) return code;
  code = REAL(SCardConnect)(context, reader, mode, wanted, card, agreed);
  LONG protocol;
  if (code == SCARD_S_SUCCESS && set("PROTOCOL", &protocol)) *agreed = (DWORD)protocol;
  return code;
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *protocol, LPCBYTE command, DWORD length,
                   SCARD_IO_REQUEST *answered, LPBYTE answer, LPDWORD room) {
  LONG code, most;
  if (set("TRANSMIT_CODE", &code)) return code;
  if (length >= 7 && command[4] == 0 && set("EXTENDED_CODE", &code)) return code;
  if (set("ROOM", &most) && *room > (DWORD)most) return SCARD_E_INVALID_PARAMETER;
  DWORD given = *room;
  code = REAL(SCardTransmit)(card, protocol, command, length, answered, answer, room);
  if (code == SCARD_S_SUCCESS && getenv("LIE")) *room = given + 1;
  return code;
}

package kaigotap.android

import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import java.security.KeyStore
import java.security.UnrecoverableKeyException
import kaigotap.DeviceKeyException
import kaigotap.SignError
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

internal const val ANDROID = "AndroidKeyStore"

internal fun keystore(): KeyStore = KeyStore.getInstance(ANDROID).apply { load(null) }

/** Does something with Android's Keystore, and says what its exceptions mean, as [KeystoreKeys] has them. */
internal suspend fun <T> told(locked: () -> Boolean, act: () -> T): T = withContext(Dispatchers.IO) {
    try {
        act()
    } catch (known: DeviceKeyException) {
        throw known
    } catch (thrown: Exception) {
        throw DeviceKeyException(meaning(thrown, locked), thrown)
    }
}

private fun meaning(thrown: Exception, locked: () -> Boolean): SignError = when (thrown) {
    is KeyPermanentlyInvalidatedException, is UnrecoverableKeyException -> SignError.GONE
    else -> when {
        locked() -> SignError.LOCKED
        thrown is UserNotAuthenticatedException -> SignError.REFUSED
        else -> SignError.FAILED
    }
}

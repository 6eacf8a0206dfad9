package kaigotap.android

import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import java.security.InvalidKeyException
import java.security.Security
import java.security.Signature
import java.security.SignatureException
import java.security.UnrecoverableKeyException
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import kaigotap.DeviceKey
import kaigotap.DeviceKeyException
import kaigotap.Ending
import kaigotap.Entry
import kaigotap.SignError
import kaigotap.Store
import kaigotap.hostCheck
import kaigotap.uncompressed
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertSame
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test

/** Keys in a provider of a test's own, under the name of Android's, with the framework's own exceptions. */
class KeystoreKeysTest {
    @BeforeEach
    fun add() {
        Phone.pairs.clear()
        Phone.specs.clear()
        Phone.atStrongBox = null
        Phone.atLoad = null
        Phone.atSign = null
        Security.addProvider(Phone)
    }

    @AfterEach
    fun remove() = Security.removeProvider(Phone.name)

    private fun keys(strongBox: Boolean = false, locked: Boolean = false) = KeystoreKeys(strongBox, { locked }) {}

    private fun error(keys: KeystoreKeys): SignError =
        assertFailsWith<DeviceKeyException> { runBlocking { keys.sign("device", ByteArray(3)) } }.error

    @Test
    fun `a key is made once, signs with ES256, and never leaves`() = runBlocking {
        val public = keys().publicKey("device")
        assertContentEquals(public, keys().publicKey("device"))
        val spec = Phone.specs.single()
        assertEquals("secp256r1", (spec.algorithmParameterSpec as ECGenParameterSpec).name)
        assertEquals(setOf("SHA-256", "NONE"), spec.digests.toSet())
        assertEquals(false, spec.isStrongBoxBacked)
        val pair = Phone.pairs.getValue("device")
        assertContentEquals(uncompressed(pair.public as ECPublicKey), public)
        val verified = Signature.getInstance("SHA256withECDSA").run {
            initVerify(pair.public)
            update(byteArrayOf(1, 2))
            verify(keys().sign("device", byteArrayOf(1, 2)))
        }
        assertEquals(true, verified)
    }

    @Test
    fun `the core takes its signatures`() = runBlocking {
        val keys = keys()
        val check = hostCheck(Memory(), keys, DeviceKey("device", keys.publicKey("device")))
        assertEquals(true, assertIs<Ending.Done<kaigotap.HostReport>>(check, "$check").value.signs)
        keys.publicKey("other")
        val other = hostCheck(Memory(), keys, DeviceKey("other", keys.publicKey("device")))
        assertEquals("device_key_failed", assertIs<Ending.Failed>(other).failure.code)
    }

    @Test
    fun `StrongBox is used where it is, and done without where it does not want`() = runBlocking {
        keys(strongBox = true).publicKey("device")
        assertEquals(listOf(true), Phone.specs.map { it.isStrongBoxBacked })
        Phone.atStrongBox = StrongBoxUnavailableException("full")
        keys(strongBox = true).publicKey("other")
        assertEquals(listOf(true, true, false), Phone.specs.map { it.isStrongBoxBacked })
    }

    @Test
    fun `what an app asks of its keys is asked`() = runBlocking {
        KeystoreKeys(false, { false }) { setUnlockedDeviceRequired(true) }.publicKey("device")
        assertEquals(true, Phone.specs.single().isUnlockedDeviceRequired)
    }

    @Test
    fun `a key that is not there is gone`() {
        assertEquals(SignError.GONE, error(keys()))
    }

    @Test
    fun `what the Keystore throws is told apart, and stays the cause`() = runBlocking {
        keys().publicKey("device")
        val cases = listOf(
            Triple(KeyPermanentlyInvalidatedException(), false, SignError.GONE),
            Triple(KeyPermanentlyInvalidatedException(), true, SignError.GONE),
            Triple(UserNotAuthenticatedException(), false, SignError.REFUSED),
            Triple(UserNotAuthenticatedException(), true, SignError.LOCKED),
            Triple(InvalidKeyException("Keystore operation failed"), true, SignError.LOCKED),
            Triple(InvalidKeyException("Keystore operation failed"), false, SignError.FAILED),
            Triple(SignatureException("the operation is over"), false, SignError.FAILED),
            Triple(IllegalStateException("a fault of the phone's"), false, SignError.FAILED),
        )
        for ((thrown, locked, error) in cases) {
            Phone.atSign = thrown
            val refused = assertFailsWith<DeviceKeyException> { keys(locked = locked).sign("device", ByteArray(3)) }
            assertEquals(error, refused.error, "$thrown, locked: $locked")
            assertSame(thrown, generateSequence<Throwable>(refused) { it.cause }.last())
        }
        Phone.atSign = null
        Phone.atLoad = UnrecoverableKeyException("invalidated")
        assertEquals(SignError.GONE, error(keys()))
    }

    /** Nothing lasts here. */
    private class Memory : Store {
        private val entries = mutableMapOf<String, Entry>()
        override suspend fun keep(entry: Entry) {
            entries[entry.name] = entry
        }
        override suspend fun forget(name: String) {
            entries.remove(name)
        }
        override suspend fun list() = entries.keys.toList()
        override suspend fun recall(names: List<String>) = names.mapNotNull(entries::get)
    }
}

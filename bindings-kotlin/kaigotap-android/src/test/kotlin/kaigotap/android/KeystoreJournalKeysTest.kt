package kaigotap.android

import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import java.nio.file.Files
import java.nio.file.Path
import java.security.InvalidKeyException
import java.security.Security
import javax.crypto.AEADBadTagException
import kaigotap.DeviceKeyException
import kaigotap.SignError
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The journal's key under a Keystore of a test's own. */
class KeystoreJournalKeysTest {
    @TempDir
    lateinit var place: Path
    private val folder by lazy { place.resolve("journal-key") }

    @BeforeEach
    fun add() {
        Phone.secrets.clear()
        Phone.specs.clear()
        Phone.atStrongBox = null
        Phone.atLoad = null
        Phone.atSign = null
        Security.addProvider(Phone)
    }

    @AfterEach
    fun remove() = Security.removeProvider(Phone.name)

    private fun keys(strongBox: Boolean = false, locked: Boolean = false) = KeystoreJournalKeys(folder, strongBox) { locked }

    private fun refused(act: suspend () -> Unit): DeviceKeyException = assertFailsWith { runBlocking { act() } }

    @Test
    fun `the key is made once, and lies nowhere as it is`() = runBlocking {
        val secret = keys().secret()
        assertEquals(32, secret.size)
        assertContentEquals(secret, keys().secret())
        val spec = Phone.specs.single()
        assertEquals(KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT, spec.purposes)
        assertEquals(listOf("GCM", "NoPadding"), spec.blockModes.toList() + spec.encryptionPaddings)
        assertEquals(listOf(256, false, true), listOf(spec.keySize, spec.isStrongBoxBacked, spec.isRandomizedEncryptionRequired))
        val kept = Files.readAllBytes(folder.resolve("key"))
        assertEquals(12 + 32 + 16, kept.size)
        assertFalse(kept.toList().windowed(8).any { it == secret.toList().take(8) })
    }

    @Test
    fun `StrongBox is used where it is, and done without where it does not want`() = runBlocking {
        Phone.atStrongBox = StrongBoxUnavailableException("full")
        keys(strongBox = true).secret()
        assertEquals(listOf(true, false), Phone.specs.map { it.isStrongBoxBacked })
    }

    @Test
    fun `a mark only rises, and lies beside the key`() = runBlocking {
        for ((mark, kept) in listOf(3uL to 3uL, 2uL to 3uL, ULong.MAX_VALUE to ULong.MAX_VALUE)) {
            keys().raise(mark)
            assertEquals(kept, keys().mark())
        }
    }

    @Test
    fun `what another phone made, or somebody changed, opens nothing and is left alone`() = runBlocking {
        keys().secret()
        keys().raise(1u)
        val kept = Files.readAllBytes(folder.resolve("key"))
        val own = Phone.secrets.toMap()
        Phone.secrets.clear()
        assertEquals(SignError.GONE, refused { keys().secret() }.error)
        assertEquals(SignError.GONE, refused { keys().mark() }.error)
        Phone.secrets.putAll(own)
        // One in the place of the other.
        Files.write(folder.resolve("key"), Files.readAllBytes(folder.resolve("mark")))
        assertEquals(SignError.FAILED, refused { keys().secret() }.error)
        for (at in listOf(0, 20, kept.lastIndex)) {
            Files.write(folder.resolve("key"), kept.copyOf().also { it[at] = (it[at] + 1).toByte() })
            val refused = refused { keys().secret() }
            assertEquals(SignError.FAILED, refused.error)
            assertIs<AEADBadTagException>(generateSequence<Throwable>(refused) { it.cause }.last())
        }
        Files.write(folder.resolve("key"), kept.copyOf(5))
        assertEquals(SignError.FAILED, refused { keys().secret() }.error)
        assertEquals(5, Files.size(folder.resolve("key")))
    }

    @Test
    fun `what the Keystore throws is told apart`() = runBlocking {
        keys().secret()
        for ((thrown, locked, error) in listOf(
            Triple(KeyPermanentlyInvalidatedException(), true, SignError.GONE),
            Triple(InvalidKeyException("Keystore operation failed"), true, SignError.LOCKED),
            Triple(InvalidKeyException("Keystore operation failed"), false, SignError.FAILED),
        )) {
            Phone.atSign = thrown
            assertEquals(error, refused { keys(locked = locked).secret() }.error)
        }
    }

    @Test
    fun `what is forgotten is gone, the key of the Keystore, too`() = runBlocking {
        val secret = keys().secret()
        keys().raise(7u)
        repeat(2) { keys().forget() }
        assertEquals(0, Files.list(folder).use { it.count() })
        assertEquals(0uL, keys().mark())
        assertFalse(keys().secret().contentEquals(secret))
        assertEquals(2, Phone.specs.size)
    }
}

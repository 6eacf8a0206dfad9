package kaigotap.desktop

import java.io.File
import java.nio.file.Path
import java.security.KeyStore
import java.security.Signature
import kaigotap.DeviceKey
import kaigotap.DeviceKeyException
import kaigotap.FileStore
import kaigotap.SignError
import kaigotap.code
import kaigotap.hostCheck
import kaigotap.value
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

/** A PKCS#12 file of `keytool`'s. */
@Timeout(60)
class KeyStoreKeysTest {
    @TempDir
    lateinit var folder: Path
    private val password = "correct horse"
    private val file by lazy { folder.resolve("keys.p12").toFile().also(::make) }
    private val store by lazy { KeyStore.getInstance(file, password.toCharArray()) }
    private val given = mutableListOf<CharArray>()

    private fun make(file: File) {
        val keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
        for ((alias, curve) in mapOf("device" to "secp256r1", "odd" to "secp384r1")) {
            val options = "-genkeypair -alias $alias -keyalg EC -groupname $curve -dname CN=desk -storetype PKCS12"
            val made = ProcessBuilder(listOf(keytool) + options.split(' ') + listOf("-keystore", "$file", "-storepass", password))
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor()
            check(made == 0) { "keytool" }
        }
    }

    private fun keys(says: String? = password) = KeyStoreKeys(store) { says?.toCharArray()?.also(given::add) }

    private fun error(keys: KeyStoreKeys, name: String = "device"): SignError =
        assertFailsWith<DeviceKeyException> { runBlocking { keys.sign(name, ByteArray(3)) } }.error

    @Test
    fun `a key signs with ES256, and the core takes it`() = runBlocking {
        val signature = keys().sign("device", byteArrayOf(1, 2))
        val verified = Signature.getInstance("SHA256withECDSA").run {
            initVerify(store.getCertificate("device"))
            update(byteArrayOf(1, 2))
            verify(signature)
        }
        assertTrue(verified)
        assertTrue(given.single().all { it == '\u0000' })
        val check = hostCheck(FileStore(folder.resolve("kept")), keys(), DeviceKey("device", keys().publicKey("device")))
        assertTrue(check.value().signs)
    }

    @Test
    fun `no key, no password and a wrong one are different errors`() {
        assertEquals(SignError.GONE, error(keys(), "nobody"))
        assertEquals(SignError.REFUSED, error(keys(says = null)))
        assertEquals(SignError.REFUSED, error(keys(says = "wrong")))
        assertTrue(given.single().all { it == '\u0000' })
        assertEquals(SignError.GONE, assertFailsWith<DeviceKeyException> { keys().publicKey("nobody") }.error)
    }

    @Test
    fun `a key on another curve is none of these`() = runBlocking {
        assertEquals(SignError.FAILED, assertFailsWith<DeviceKeyException> { keys().publicKey("odd") }.error)
        val check = hostCheck(FileStore(folder.resolve("kept")), keys(), DeviceKey("odd", ByteArray(65)))
        assertEquals("device_key_failed", check.code())
        val refused = hostCheck(FileStore(folder.resolve("kept")), keys(says = null), DeviceKey("device", ByteArray(65)))
        assertEquals("device_key_refused", refused.code())
    }
}

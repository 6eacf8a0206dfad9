package kaigotap

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.security.KeyPairGenerator
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

@Timeout(60)
class JournalKeysTest {
    @TempDir
    lateinit var place: Path
    private val folder by lazy { place.resolve("journal-key") }

    private fun keys() = StoredJournalKeys(FileStore(folder))

    private fun error(act: suspend () -> Unit): StoreError =
        assertFailsWith<StoreException> { runBlocking { act() } }.error

    @Test
    fun `a key is made once, by whoever is first, and is its owner's`() = runBlocking {
        val keys = keys()
        val secrets = List(8) { async { keys.secret() } }.awaitAll()
        assertEquals(1, secrets.map { it.toList() }.toSet().size)
        assertEquals(32, secrets.first().size)
        // What a caller wipes is its own.
        secrets.forEach { it.fill(0) }
        val kept = keys().secret()
        assertFalse(kept.all { it == 0.toByte() })
        assertContentEquals(kept, keys.secret())
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("key"))))
        assertFalse(StoredJournalKeys(FileStore(place.resolve("other"))).secret().contentEquals(kept))
    }

    @Test
    fun `a mark only rises`() = runBlocking {
        val keys = keys()
        assertEquals(0uL, keys.mark())
        for ((mark, kept) in listOf(3uL to 3uL, 2uL to 3uL, 3uL to 3uL, ULong.MAX_VALUE to ULong.MAX_VALUE)) {
            keys.raise(mark)
            assertEquals(kept, keys().mark())
        }
    }

    @Test
    fun `what is damaged is told, and not made anew`() = runBlocking {
        val keys = keys()
        keys.secret()
        keys.raise(1u)
        for (name in listOf("key", "mark")) Files.write(folder.resolve(name), ByteArray(5))
        assertEquals(StoreError.FAILED, error { keys.secret() })
        assertEquals(StoreError.FAILED, error { keys.mark() })
        assertEquals(StoreError.FAILED, error { keys.raise(9u) })
        assertEquals(5, Files.size(folder.resolve("key")))
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"))
        assertEquals(StoreError.DENIED, error { keys.secret() })
    }

    @Test
    fun `a journal that was put back is told, and the key's failures are endings`() = runBlocking {
        val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        val device = Device(
            "https://example.invalid", "issuer", emptyList(),
            EnrolledDevice("d", "1370000001", DeviceKey("device", uncompressed(pair.public as ECPublicKey))), NoKeys,
            TrustAnchors.Production,
        )
        val (keys, store) = keys() to FileStore(place.resolve("entries"))
        val report = device.verifyJournal(keys, store).value()
        assertEquals(listOf(0uL, 0uL, 0uL), listOf(report.waiting, report.ended, report.mark))
        assertEquals(emptyList(), report.findings)
        keys.raise(3u)
        val found = device.verifyJournal(keys, store).value().findings.single()
        assertEquals("journal_rolled_back" to null, found.failure.code to found.number)
        assertEquals("JournalKey(..)", JournalKey(ByteArray(32), 1u).toString())

        Files.write(folder.resolve("key"), ByteArray(5))
        assertEquals("store_failed", device.verifyJournal(keys, store).code())
        val locked = object : JournalKeys by keys {
            override suspend fun secret() = throw DeviceKeyException(SignError.LOCKED)
        }
        assertEquals("device_key_locked", device.verifyJournal(locked, store).code())
        assertEquals("store_missing", device.verifyJournal(StoredJournalKeys(NoStore), store).code())
    }

    @Test
    fun `what is forgotten is gone`() = runBlocking {
        val keys = keys()
        val secret = keys.secret()
        keys.raise(7u)
        repeat(2) { keys.forget() }
        assertEquals(0, Files.list(folder).use { it.count() })
        assertEquals(0uL, keys.mark())
        assertFalse(keys.secret().contentEquals(secret))
    }
}

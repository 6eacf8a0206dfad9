package kaigotap

import java.nio.ByteBuffer
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/**
 * The key of this device's journal, and its mark: how often the journal was written, so that an older copy of it that was
 * put back is noticed. Both lie outside the journal's own folder, and in no backup.
 *
 * Functions throw [DeviceKeyException] where the system's key does not open it, and [StoreException] where the disk fails.
 */
interface JournalKeys {
    /** The key, 32 bytes, made by the first call. Fill it with zeros once it was handed on; never log it. */
    suspend fun secret(): ByteArray

    /** The mark, 0 before the first one. */
    suspend fun mark(): ULong

    /** Keeps a mark, and returns when it is on the disk. A lower one than is kept changes nothing. */
    suspend fun raise(mark: ULong)

    /** Forgets key and mark, on a device that is out of use: nobody reads its journal from then on. */
    suspend fun forget()
}

/**
 * Whether the journal in [store] is as this device left it: opens every entry, sends nothing and changes nothing. The mark of
 * [journal] is raised to what was found. Ends, and is cancelled, as [run] says.
 */
suspend fun Device.verifyJournal(
    journal: JournalKeys,
    store: Store,
    limits: Limits = Limits(),
): Ending<JournalReport> = sealed(journal) { key, entropy ->
    ended({ verifyJournal(key, enrolled, entropy) }, { (it as? Outcome.JournalVerified)?.report }) {
        it.run(keys = keys, store = store, limits = limits)
    }.also { if (it is Ending.Done) journal.raise(it.value.mark) }
}

/** With the journal's key, and what goes wrong with that as an ending. */
internal suspend fun <T> sealed(
    journal: JournalKeys,
    act: suspend (JournalKey, entropy: ByteArray) -> Ending<T>,
): Ending<T> {
    val entropy = randomness()
    var secret: ByteArray? = null
    return try {
        val key = JournalKey(journal.secret().also { secret = it }, journal.mark())
        act(key, entropy)
    } catch (thrown: DeviceKeyException) {
        Ending.Failed(signFailure(thrown.error), thrown)
    } catch (thrown: StoreException) {
        Ending.Failed(storeFailure(thrown.error), thrown)
    } finally {
        entropy.fill(0)
        secret?.fill(0)
    }
}

/**
 * Both in a store that is theirs alone. For a desk without a key store that is a [FileStore], whose files only their owner
 * can read. One object for one store.
 */
class StoredJournalKeys(private val files: Store) : JournalKeys {
    private val one = Mutex()

    override suspend fun secret(): ByteArray = one.withLock {
        val secret = content(KEY) ?: randomness().also { files.keep(Entry(KEY, it.copyOf())) }
        // Not made anew: what it sealed would be lost without a word.
        if (secret.size != LENGTH) throw StoreException(StoreError.FAILED)
        secret
    }

    override suspend fun mark(): ULong = one.withLock { kept() }

    override suspend fun raise(mark: ULong) = one.withLock {
        if (mark > kept()) files.keep(Entry(MARK, ByteBuffer.allocate(Long.SIZE_BYTES).putLong(mark.toLong()).array()))
    }

    override suspend fun forget() = one.withLock { for (name in listOf(KEY, MARK)) files.forget(name) }

    private suspend fun kept(): ULong {
        val mark = content(MARK) ?: return 0u
        if (mark.size != Long.SIZE_BYTES) throw StoreException(StoreError.FAILED)
        return ByteBuffer.wrap(mark).getLong().toULong()
    }

    private suspend fun content(name: String): ByteArray? = files.recall(listOf(name)).firstOrNull()?.sealed

    private companion object {
        const val KEY = "key"
        const val MARK = "mark"
        const val LENGTH = 32
    }
}

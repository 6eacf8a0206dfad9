package kaigotap

/**
 * Where this device keeps entries: a small durable store of bytes that others have sealed.
 *
 * Called on a background thread, which it may block. Say what went wrong with [StoreException]; whatever else is thrown
 * counts as [StoreError.FAILED]. Whatever goes wrong, what was there before is there still.
 */
interface Store {
    /**
     * Keeps an entry in place of the one of its name, and returns when it is on the disk: it survives a power cut from
     * then on. A name is 1 to 64 of `a`–`z`, `0`–`9`, `-` and `_`; an entry has at most 1 MiB.
     */
    suspend fun keep(entry: Entry)

    /** Forgets the entry of this name, if there is one, and returns when it is gone from the disk. */
    suspend fun forget(name: String)

    /** The names of all entries, in any order. */
    suspend fun list(): List<String>

    /** The entries of these names, at most 64, in any order; of a name that has none, nothing. */
    suspend fun recall(names: List<String>): List<Entry>
}

/** Why the store did not do what was asked. Thrown by a [Store]. */
class StoreException(
    /** Why. */
    val error: StoreError,
    cause: Throwable? = null,
) : Exception(error.name, cause)

/** No store: for conversations that keep nothing. */
internal object NoStore : Store {
    override suspend fun keep(entry: Entry) = throw StoreException(StoreError.NO_STORE)
    override suspend fun forget(name: String) = throw StoreException(StoreError.NO_STORE)
    override suspend fun list(): List<String> = throw StoreException(StoreError.NO_STORE)
    override suspend fun recall(names: List<String>): List<Entry> = throw StoreException(StoreError.NO_STORE)
}

package kaigotap

import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.AccessDeniedException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE_NEW
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import java.nio.file.attribute.FileAttribute
import java.nio.file.attribute.PosixFilePermission
import java.nio.file.attribute.PosixFilePermissions

/**
 * Entries as files: one entry, one file, in a folder that only its owner can look into.
 *
 * A write goes aside, is synced and moved into its place, and the folder is synced: after a crash an entry is there as
 * it was before or as it is now. Links are not followed, and a folder that others can look into is [StoreError.DENIED];
 * where a system knows no POSIX permissions, who can look is the system's choice. On Android, give it a folder in
 * `noBackupFilesDir`. One object for one folder.
 */
class FileStore internal constructor(
    private val folder: Path,
    private val disk: Disk,
) : Store {
    private var made = false

    /** The store in this folder, which is made by the first use if it is not there; its parent has to be. */
    constructor(folder: Path) : this(folder, Disk())

    override suspend fun keep(entry: Entry): Unit = using {
        val aside = folder.resolve(named(entry.name) + ASIDE)
        if (entry.sealed.size > LONGEST) throw StoreException(StoreError.TOO_LONG)
        // What a program that was killed has left. It never was an entry.
        Files.deleteIfExists(aside)
        try {
            disk.write(aside, entry.sealed)
            disk.move(aside, folder.resolve(entry.name))
        } catch (failed: IOException) {
            val full = folder.toFile().usableSpace < entry.sealed.size
            runCatching { Files.deleteIfExists(aside) }
            throw if (full) StoreException(StoreError.FULL, failed) else failed
        }
        disk.sync(folder)
    }

    override suspend fun forget(name: String): Unit = using {
        disk.remove(folder.resolve(named(name)))
        // That it is gone may not be on the disk yet, if it was gone before.
        disk.sync(folder)
    }

    override suspend fun list(): List<String> = using {
        val names = Files.newDirectoryStream(folder).use { files -> files.map { it.fileName.toString() } }
        // What has no name of an entry is none of ours.
        names.filter(NAME::matches)
    }

    override suspend fun recall(names: List<String>): List<Entry> = using {
        names.mapNotNull { name ->
            try {
                Entry(name, content(folder.resolve(named(name))))
            } catch (_: NoSuchFileException) {
                null
            }
        }
    }

    private fun content(file: Path): ByteArray {
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            if (Files.notExists(file, NOFOLLOW_LINKS)) throw NoSuchFileException(file.toString())
            throw StoreException(StoreError.FAILED)
        }
        return FileChannel.open(file, READ, NOFOLLOW_LINKS).use { channel ->
            if (channel.size() > LONGEST) throw StoreException(StoreError.TOO_LONG)
            val content = ByteBuffer.allocate(channel.size().toInt())
            while (content.hasRemaining() && channel.read(content) >= 0) Unit
            content.array().copyOf(content.position())
        }
    }

    /** One at a time, in a folder that is as it should be. What the system says is told by what the folder shows. */
    private inline fun <T> using(act: () -> T): T = synchronized(this) {
        try {
            ready()
            act()
        } catch (failed: IOException) {
            val error = when {
                failed is AccessDeniedException -> StoreError.DENIED
                !Files.isDirectory(folder, NOFOLLOW_LINKS) -> StoreError.MISSING
                !Files.isWritable(folder) -> StoreError.DENIED
                else -> StoreError.FAILED
            }
            throw StoreException(error, failed)
        }
    }

    /** Makes the folder once: one that vanishes later has taken entries with it. */
    private fun ready() {
        if (!made) {
            try {
                disk.make(folder)
            } catch (_: FileAlreadyExistsException) {
                // As well.
            }
        }
        if (!Files.isDirectory(folder, NOFOLLOW_LINKS)) throw StoreException(StoreError.MISSING)
        if (posix(folder) && Files.getPosixFilePermissions(folder, NOFOLLOW_LINKS).any(OTHERS::contains)) {
            throw StoreException(StoreError.DENIED)
        }
        made = true
    }

    private fun named(name: String): String =
        if (NAME.matches(name)) name else throw StoreException(StoreError.FAILED)

    private companion object {
        val NAME = Regex("[a-z0-9_-]{1,64}")

        /** The end of the name of a file that is not whole yet. */
        const val ASIDE = ".part"
        const val LONGEST = 1 shl 20
        val OTHERS: Set<PosixFilePermission> = PosixFilePermissions.fromString("---rwxrwx")
    }
}

private fun posix(path: Path) = "posix" in path.fileSystem.supportedFileAttributeViews()

/** The steps after which the power may fail; a test stands between them. */
internal open class Disk {
    /** Makes a folder of this program's own, durably; its parent has to be there. */
    open fun make(folder: Path) {
        Files.createDirectory(folder, *only(folder, "rwx------"))
        sync(folder.toAbsolutePath().parent)
    }

    /** Writes a new file, durably. */
    open fun write(file: Path, content: ByteArray) {
        FileChannel.open(file, setOf(WRITE, CREATE_NEW), *only(file, "rw-------")).use { channel ->
            val rest = ByteBuffer.wrap(content)
            while (rest.hasRemaining()) channel.write(rest)
            channel.force(true)
        }
    }

    /** Puts a file in the place of what was there. */
    open fun move(from: Path, to: Path) {
        Files.move(from, to, ATOMIC_MOVE)
    }

    /** Takes a file away, if there is one. */
    open fun remove(file: Path) {
        Files.deleteIfExists(file)
    }

    /** Has the disk take down what a folder holds. */
    open fun sync(folder: Path) {
        // Windows opens no folder as a file: there a move is written through with the file system's own journal.
        if (posix(folder)) FileChannel.open(folder, READ).use { it.force(true) }
    }

    private fun only(path: Path, permissions: String): Array<FileAttribute<*>> {
        if (!posix(path)) return emptyArray()
        return arrayOf(PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)))
    }
}

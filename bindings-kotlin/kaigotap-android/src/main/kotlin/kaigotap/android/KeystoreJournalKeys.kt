package kaigotap.android

import android.app.KeyguardManager
import android.content.Context
import android.content.pm.PackageManager
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.nio.file.Path
import java.security.ProviderException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import kaigotap.DeviceKeyException
import kaigotap.Entry
import kaigotap.FileStore
import kaigotap.JournalKeys
import kaigotap.SignError
import kaigotap.Store
import kaigotap.StoredJournalKeys

/**
 * The journal's key and mark as files in a folder of the app's that no backup has, encrypted by a key of Android's Keystore,
 * which nobody takes out: AES-256 in GCM, in StrongBox where the phone has one. A copy of the folder opens nothing on
 * another phone.
 *
 * Where the Keystore's key is gone or does not open them, [DeviceKeyException] says so as for [KeystoreKeys]. Nothing is
 * made anew until [forget]: what was sealed would be lost without a word.
 */
class KeystoreJournalKeys private constructor(
    private val kept: JournalKeys,
    private val locked: () -> Boolean,
) : JournalKeys by kept {
    /** Those of this app. */
    constructor(context: Context) : this(
        context.noBackupFilesDir.toPath().resolve("kaigotap-journal-key"),
        context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE),
        { context.getSystemService(KeyguardManager::class.java)?.isDeviceLocked == true },
    )

    internal constructor(folder: Path, strongBox: Boolean, locked: () -> Boolean) :
        this(StoredJournalKeys(Encrypted(FileStore(folder), strongBox, locked)), locked)

    override suspend fun forget() {
        kept.forget()
        told(locked) { keystore().deleteEntry(ALIAS) }
    }

    /** A store whose entries are of no use without the Keystore. */
    private class Encrypted(
        private val files: Store,
        private val strongBox: Boolean,
        private val locked: () -> Boolean,
    ) : Store by files {
        override suspend fun keep(entry: Entry) {
            val encrypted = told(locked) {
                Cipher.getInstance(CIPHER).run {
                    init(Cipher.ENCRYPT_MODE, found() ?: made())
                    updateAAD(entry.name.toByteArray())
                    // The nonce is the Keystore's own.
                    iv + doFinal(entry.sealed)
                }
            }
            files.keep(Entry(entry.name, encrypted))
        }

        override suspend fun recall(names: List<String>): List<Entry> = files.recall(names).map { entry ->
            val opened = told(locked) {
                Cipher.getInstance(CIPHER).run {
                    val key = found() ?: throw DeviceKeyException(SignError.GONE)
                    init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, entry.sealed.take(NONCE).toByteArray()))
                    updateAAD(entry.name.toByteArray())
                    doFinal(entry.sealed.drop(NONCE).toByteArray())
                }
            }
            Entry(entry.name, opened)
        }

        private fun found(): SecretKey? = keystore().getKey(ALIAS, null) as? SecretKey

        private fun made(): SecretKey = try {
            generated(strongBox)
        } catch (unavailable: ProviderException) {
            // It is there and has no room, or knows no such key.
            if (strongBox) generated(strongBox = false) else throw unavailable
        }

        private fun generated(strongBox: Boolean): SecretKey =
            KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, ANDROID).run {
                val spec = KeyGenParameterSpec.Builder(ALIAS, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
                    .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                    .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                    .setKeySize(KEY_BITS)
                if (strongBox) spec.setIsStrongBoxBacked(true)
                init(spec.build())
                generateKey()
            }
    }

    private companion object {
        const val ALIAS = "kaigotap-journal"
        const val CIPHER = "AES/GCM/NoPadding"
        const val KEY_BITS = 256
        const val NONCE = 12
        const val TAG_BITS = 128
    }
}

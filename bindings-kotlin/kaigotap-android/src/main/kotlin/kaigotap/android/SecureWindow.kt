package kaigotap.android

import android.view.View
import android.view.Window
import android.view.WindowManager.LayoutParams.FLAG_SECURE

/**
 * Keeps what a window shows out of screenshots, screen recordings, casts and the list of recent apps. Call it in
 * `onCreate`, before `setContentView`, in every activity that shows a PIN pad or a person; for a dialog, on its own
 * window, which inherits nothing. It hides nothing from accessibility services, which must read the screen: do not let
 * them speak digits of a PIN.
 */
fun Window.keepPrivate() = setFlags(FLAG_SECURE, FLAG_SECURE)

/** Makes a PIN pad deaf to touches while some other window lies over it and may have guided the finger. */
fun View.refuseCoveredTouches() {
    filterTouchesWhenObscured = true
}

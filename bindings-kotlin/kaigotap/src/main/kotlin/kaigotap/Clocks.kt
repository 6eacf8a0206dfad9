package kaigotap

/** Both clocks of this device, read at one moment. */
internal fun now() = Reply.Clock(
    wallMs = System.currentTimeMillis().coerceAtLeast(0).toULong(),
    monotonicMs = elapsed().coerceAtLeast(0).toULong(),
)

/**
 * Milliseconds by a clock that nobody sets. On Android it runs while the phone sleeps; what Java has stops there, and
 * on other systems it is theirs to choose, so that the clock on the wall may run ahead of it.
 */
private val elapsed: () -> Long = run {
    val onPhone = System.getProperty("java.vm.name") == "Dalvik"
    val first = System.nanoTime()
    (if (onPhone) elapsedBy("android.os.SystemClock") else null) ?: { (System.nanoTime() - first) / NANOS }
}

/** `elapsedRealtime` of a class; `null` where there is none. This module knows no class of Android's. */
internal fun elapsedBy(name: String): (() -> Long)? = try {
    val method = Class.forName(name).getMethod("elapsedRealtime");
    { method.invoke(null) as Long }
} catch (_: ReflectiveOperationException) {
    null
}

private const val NANOS = 1_000_000

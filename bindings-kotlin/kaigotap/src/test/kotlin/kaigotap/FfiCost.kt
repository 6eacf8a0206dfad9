package kaigotap

import kotlin.system.exitProcess

/**
 * What the boundary costs, as tab-separated values: name, value, unit.
 *
 * - `cold_start_ms`: from the first use of the library in this process to the first step of a conversation. One figure
 *   a process.
 * - `visit_us`, `step_us`: a whole PIN visit, replayed from a transcript, without the time of card, people and server;
 *   and that by its calls. The median of many.
 * - `progress_us`: the cheapest call there is.
 */
fun main(arguments: Array<String>) {
    val rounds = arguments.firstOrNull()?.toIntOrNull() ?: 2_000
    val began = System.nanoTime()
    val first = cardStatus()
    val step = first.start()
    val cold = System.nanoTime() - began
    if (step !is Step.Need) exitProcess(1)
    first.close()

    val recorded = Transcript(Table.directory.resolve("visit-modern.jsonl"), Table.read())
    repeat(rounds) { recorded.timed() }
    val visits = List(rounds) { recorded.timed() }
    val calls = visits.first().size
    val whole = median(visits.map { it.sum() })
    val reading = cardStatus()
    val progress = List(rounds) { timed { repeat(100) { reading.progress() } } / 100 }
    reading.close()

    fun row(name: String, value: Double, unit: String) = println("$name\t${"%.1f".format(value)}\t$unit")
    row("cold_start_ms", cold / 1e6, "ms")
    row("visit_us", whole / 1e3, "us")
    row("calls", calls.toDouble(), "calls")
    row("step_us", whole / 1e3 / calls, "us")
    row("slowest_step_us", (0..<calls).maxOf { call -> median(visits.map { it[call] }) } / 1e3, "us")
    row("progress_us", median(progress) / 1e3, "us")
}

private inline fun timed(act: () -> Unit): Long {
    val began = System.nanoTime()
    act()
    return System.nanoTime() - began
}

private fun median(of: List<Long>): Double = of.sorted().let { (it[(it.size - 1) / 2] + it[it.size / 2]) / 2.0 }

/** Replays a conversation; how long each call over the boundary took, in nanoseconds. */
private fun Transcript.timed(): List<Long> {
    val talk = begin()
    val clocked = Clocked(talk)
    var step = clocked.start()
    for (turn in turns) step = answer(clocked, (step as Step.Need).request, turn)
    check(step is Step.Done)
    talk.close()
    return clocked.took
}

/** A conversation with a clock at each call over the boundary. */
private class Clocked(private val talk: ConversationInterface) : ConversationInterface by talk {
    val took = mutableListOf<Long>()

    private inline fun <T> clocked(call: () -> T): T {
        val began = System.nanoTime()
        return call().also { took += System.nanoTime() - began }
    }

    override fun start() = clocked { talk.start() }
    override fun resume(reply: Reply) = clocked { talk.resume(reply) }
    override fun enterPin(pin: java.nio.ByteBuffer) = clocked { talk.enterPin(pin) }
}

package kaigotap.sample

import android.content.Context
import android.content.res.ColorStateList
import android.graphics.Typeface
import android.graphics.drawable.GradientDrawable
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.GridLayout
import android.widget.LinearLayout
import android.widget.ProgressBar
import android.widget.ScrollView
import android.widget.TextView
import kaigotap.android.refuseCoveredTouches

/**
 * Draws screens. Text is measured in `sp` and wraps, so that it grows as large as somebody has set it; what can be
 * touched is at least 64 `dp` high; whatever does not fit scrolls.
 */
class ScreenView(context: Context, private val on: (Action) -> Unit) : ScrollView(context) {
    private val column = LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        val edge = dp(20)
        setPadding(edge, edge, edge, edge)
    }
    private var drawn: Screen? = null

    init {
        setBackgroundColor(Palette.opaque(Palette.PAPER))
        isFillViewport = true
        addView(column, LayoutParams(MATCH_PARENT, WRAP_CONTENT))
    }

    /** Draws a screen; where it is the same one that has changed, only what has changed, so that focus stays. */
    fun draw(screen: Screen) {
        val before = drawn
        drawn = screen
        val same = before != null && before.name == screen.name && kinds(before) == kinds(screen)
        if (!same) {
            column.removeAllViews()
            // A screen reader tells that another screen is there.
            accessibilityPaneTitle = screen.elements.first().spoken
            scrollTo(0, 0)
        }
        screen.elements.forEachIndexed { index, element ->
            when {
                !same -> column.addView(make(element), room())
                before?.elements?.get(index) != element -> fill(column.getChildAt(index), element)
            }
        }
        if (!same) inOrder()
    }

    private fun kinds(screen: Screen) = screen.elements.map { it::class }

    /** From top to bottom, whatever a layout thinks. */
    private fun inOrder() {
        for (index in 1 until column.childCount) {
            val above = column.getChildAt(index - 1)
            if (above.id == View.NO_ID) above.id = View.generateViewId()
            column.getChildAt(index).accessibilityTraversalAfter = above.id
        }
    }

    private fun room() = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { bottomMargin = dp(16) }

    private fun make(element: Element): View = when (element) {
        is Element.Heading -> text(28f, bold = true).apply { isAccessibilityHeading = true }
        is Element.Text -> text(20f)
        is Element.Notice -> text(22f, bold = true).apply {
            val good = element.tone == Tone.GOOD
            setTextColor(Palette.opaque(if (good) Palette.GOOD else Palette.CARE))
            background = box(if (good) Palette.GOOD_PAPER else Palette.CARE_PAPER, if (good) Palette.GOOD else Palette.CARE)
            setPadding(dp(16), dp(12), dp(16), dp(12))
            accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        }
        is Element.Large -> text(32f, bold = true)
        is Element.Choice -> button(element.weight == Weight.FIRST)
        is Element.Dots -> text(40f).apply {
            gravity = Gravity.CENTER
            letterSpacing = 0.3f
            accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        }
        is Element.Keypad -> keypad(element)
        is Element.Bar -> ProgressBar(context, null, android.R.attr.progressBarStyleHorizontal).apply {
            minimumHeight = dp(24)
            progressTintList = ColorStateList.valueOf(Palette.opaque(Palette.FIRST))
            indeterminateTintList = progressTintList
            progressBackgroundTintList = ColorStateList.valueOf(Palette.opaque(Palette.TRACK))
            accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        }
    }.also { fill(it, element) }

    private fun fill(view: View, element: Element) {
        if (element !is Element.Keypad) view.contentDescription = element.spoken
        when (element) {
            is Element.Heading -> (view as TextView).text = element.text
            is Element.Text -> (view as TextView).text = element.text
            is Element.Notice -> (view as TextView).text = element.text
            is Element.Large -> (view as TextView).text = "${element.label}\n${element.text}"
            is Element.Choice -> (view as Button).apply {
                text = element.text
                setOnClickListener { on(element.action) }
            }
            is Element.Dots -> (view as TextView).text = "●".repeat(element.entered) + "○".repeat(element.of - element.entered)
            is Element.Keypad -> enable(view as GridLayout, !element.full)
            is Element.Bar -> (view as ProgressBar).apply {
                isIndeterminate = element.percent == null
                element.percent?.let { progress = it }
            }
        }
    }

    private fun text(size: Float, bold: Boolean = false) = TextView(context).apply {
        setTextSize(TypedValue.COMPLEX_UNIT_SP, size)
        setTextColor(Palette.opaque(Palette.INK))
        setLineSpacing(0f, 1.2f)
        if (bold) typeface = Typeface.DEFAULT_BOLD
    }

    private fun button(first: Boolean) = Button(context).apply {
        setTextSize(TypedValue.COMPLEX_UNIT_SP, 22f)
        isAllCaps = false
        minHeight = dp(64)
        setTextColor(Palette.opaque(if (first) Palette.ON_FIRST else Palette.INK))
        background = if (first) box(Palette.FIRST, Palette.FIRST) else box(Palette.OTHER, Palette.EDGE)
        refuseCoveredTouches()
    }

    /** 1 to 9, then 0 and the key that erases, always in their places: hands know them. */
    private fun keypad(pad: Element.Keypad) = GridLayout(context).apply {
        columnCount = COLUMNS
        contentDescription = pad.spoken
        for (digit in "1234567890") add(digit.toString(), digit.toString(), Action.Digit(digit))
        add("⌫", pad.erase, Action.Erase)
    }

    private fun GridLayout.add(label: String, spoken: String, action: Action) {
        val key = button(first = false)
        key.text = label
        key.contentDescription = spoken
        key.tag = action
        key.setOnClickListener { on(action) }
        val place = GridLayout.LayoutParams(
            GridLayout.spec(GridLayout.UNDEFINED),
            GridLayout.spec(GridLayout.UNDEFINED, 1f),
        )
        place.width = 0
        val gap = dp(4)
        place.setMargins(gap, gap, gap, gap)
        addView(key, place)
    }

    private fun enable(pad: GridLayout, digits: Boolean) {
        for (index in 0 until pad.childCount) {
            val key = pad.getChildAt(index)
            key.isEnabled = digits || key.tag == Action.Erase
        }
    }

    private fun box(fill: Int, edge: Int) = GradientDrawable().apply {
        setColor(Palette.opaque(fill))
        setStroke(dp(2), Palette.opaque(edge))
        cornerRadius = dp(12).toFloat()
    }

    private fun dp(size: Int): Int = (size * resources.displayMetrics.density).toInt()

    private companion object {
        const val COLUMNS = 3
    }
}

package kaigotap.sample

import android.content.Context
import android.content.res.ColorStateList
import android.graphics.Bitmap
import android.graphics.Typeface
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.BitmapDrawable
import android.text.Editable
import android.text.InputType
import android.text.TextUtils
import android.text.TextWatcher
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.view.inputmethod.EditorInfo
import android.widget.Button
import android.widget.EditText
import android.widget.GridLayout
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.ProgressBar
import android.widget.ScrollView
import android.widget.TextView
import kaigotap.Photo
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
    private var filling = false

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
            for (index in 0 until column.childCount) wipe(column.getChildAt(index))
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
        is Element.Input -> input(element)
        is Element.Picture -> ImageView(context).apply { adjustViewBounds = true }
        is Element.Bar -> ProgressBar(context, null, android.R.attr.progressBarStyleHorizontal).apply {
            minimumHeight = dp(24)
            progressTintList = ColorStateList.valueOf(Palette.opaque(Palette.FIRST))
            indeterminateTintList = progressTintList
            progressBackgroundTintList = ColorStateList.valueOf(Palette.opaque(Palette.TRACK))
            accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        }
    }.also { fill(it, element) }

    private fun fill(view: View, element: Element) {
        // A field speaks for itself, by its label and what stands in it.
        if (element !is Element.Keypad && element !is Element.Input) view.contentDescription = element.spoken
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
            is Element.Input -> fill(view as LinearLayout, element)
            is Element.Picture -> (view as ImageView).setImageBitmap(bitmap(element.photo))
            is Element.Keypad -> enable(view as GridLayout, !element.full)
            is Element.Bar -> (view as ProgressBar).apply {
                isIndeterminate = element.percent == null
                element.percent?.let { progress = it }
            }
        }
    }

    /** Its label, what is wrong with it, and the field. Nothing of it is kept, completed or learnt. */
    private fun input(element: Element.Input) = LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        val edit = EditText(context).apply {
            id = View.generateViewId()
            setTextSize(TypedValue.COMPLEX_UNIT_SP, 24f)
            setTextColor(Palette.opaque(Palette.INK))
            minHeight = dp(64)
            setPadding(dp(16), dp(12), dp(16), dp(12))
            isSaveEnabled = false
            importantForAutofill = View.IMPORTANT_FOR_AUTOFILL_NO
            inputType = if (element.field.digits) InputType.TYPE_CLASS_NUMBER else
                InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
            imeOptions = EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING
            addTextChangedListener(Typing(element.field))
        }
        addView(text(20f, bold = true).apply { labelFor = edit.id })
        addView(text(20f, bold = true).apply {
            setTextColor(Palette.opaque(Palette.CARE))
            background = box(Palette.CARE_PAPER, Palette.CARE)
            setPadding(dp(16), dp(12), dp(16), dp(12))
        })
        addView(edit)
    }

    private fun fill(view: LinearLayout, element: Element.Input) {
        (view.getChildAt(0) as TextView).text = element.label
        (view.getChildAt(1) as TextView).apply {
            text = element.fault
            visibility = if (element.fault == null) View.GONE else View.VISIBLE
        }
        val edit = view.getChildAt(2) as EditText
        edit.background = box(Palette.OTHER, if (element.fault == null) Palette.EDGE else Palette.CARE)
        if (!element.typed.holds(edit.text)) quietly { edit.setText(element.typed.text) }
    }

    /** Hands on what somebody types; not what is put there by [fill], or taken away by [wipe]. */
    private inner class Typing(private val field: Field) : TextWatcher {
        override fun beforeTextChanged(text: CharSequence?, start: Int, count: Int, after: Int) = Unit

        override fun onTextChanged(text: CharSequence?, start: Int, before: Int, count: Int) = Unit

        override fun afterTextChanged(text: Editable) {
            if (filling) return
            on(Action.Typed(field, CharArray(text.length).also { TextUtils.getChars(text, 0, text.length, it, 0) }))
        }
    }

    private fun quietly(change: () -> Unit) {
        filling = true
        change()
        filling = false
    }

    /** What was typed, and a face, go with the screen. */
    private fun wipe(view: View) {
        if (view is LinearLayout) quietly { (view.getChildAt(2) as EditText).text.clear() }
        if (view is ImageView) {
            val bitmap = (view.drawable as? BitmapDrawable)?.bitmap
            view.setImageDrawable(null)
            bitmap?.recycle()
        }
    }

    /** A grey of the photo is a grey of the screen. */
    private fun bitmap(photo: Photo): Bitmap {
        val pixels = IntArray(photo.grey.size) { Palette.grey(photo.grey[it].toInt() and 0xFF) }
        return Bitmap.createBitmap(pixels, photo.width.toInt(), photo.height.toInt(), Bitmap.Config.ARGB_8888)
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

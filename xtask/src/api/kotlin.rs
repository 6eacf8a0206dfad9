//! Public declarations of a Kotlin source file, one a line; bodies, comments and annotations are left out.

/// What a pair of braces encloses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Members are as public as what they belong to.
    Open,
    /// A body, or something private.
    Closed,
}

/// Names that UniFFI's generated code is full of, and that no app uses.
const MACHINERY: [&str; 8] = [
    "Uniffi",
    "uniffi",
    "FfiConverter",
    "RustBuffer",
    "ForeignBytes",
    "InternalException",
    "interface Disposable",
    "NoHandle",
];

/// The public declarations, each indented as deep as it stands.
pub(super) fn declarations(source: &str) -> Vec<String> {
    let mut reader = Reader { scopes: Vec::new(), pending: String::new(), found: Vec::new() };
    for character in plain(source).chars() {
        reader.read(character);
    }
    reader.end_of_declaration();
    reader.found
}

struct Reader {
    scopes: Vec<Scope>,
    pending: String,
    found: Vec<String>,
}

impl Reader {
    fn read(&mut self, character: char) {
        match character {
            // In brackets it is a default, a closure or an array, not a body.
            '{' if self.open_brackets() == 0 => self.begin(),
            '}' if self.open_brackets() == 0 => {
                self.end_of_declaration();
                self.scopes.pop();
            }
            ';' if self.open_brackets() == 0 => self.end_of_declaration(),
            '\n' if self.open_brackets() == 0 && !self.goes_on() => self.end_of_declaration(),
            other => self.pending.push(other),
        }
    }

    fn open_brackets(&self) -> usize {
        let mut open: usize = 0;
        for character in self.pending.chars() {
            match character {
                '(' | '[' => open += 1,
                ')' | ']' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        open
    }

    /// A line that ends in the middle of a declaration.
    fn goes_on(&self) -> bool {
        let text = self.pending.trim_end();
        [",", ":", "=", "->", "&&", "where", "throws"].iter().any(|end| text.ends_with(end))
    }

    /// A brace opens.
    fn begin(&mut self) {
        let header = self.take();
        let scope = if self.scopes.last() == Some(&Scope::Closed) {
            Scope::Closed
        } else {
            self.scope_of(&header)
        };
        if scope != Scope::Closed || self.is_public(&header) {
            self.note(&header);
        }
        self.scopes.push(scope);
    }

    fn end_of_declaration(&mut self) {
        let text = self.take();
        if self.is_public(&text) {
            self.note(&text);
        }
    }

    fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.pending);
        let words: Vec<&str> = without_attributes(&text);
        words.join(" ").trim_matches([',', ' ']).to_owned()
    }

    fn note(&mut self, text: &str) {
        let text = before_value(text);
        if !text.is_empty() && !MACHINERY.iter().any(|machinery| text.contains(machinery)) {
            self.found.push(format!("{}{text}", "    ".repeat(self.scopes.len())));
        }
    }

    /// What the braces behind this enclose.
    fn scope_of(&self, header: &str) -> Scope {
        let has = |word: &str| header.split([' ', '(', '<', ':']).any(|part| part == word);
        let machinery = MACHINERY.iter().any(|machinery| header.contains(machinery));
        let body = machinery || !self.is_public(header) || has("fun");
        if !body && (has("class") || has("interface") || has("object")) {
            Scope::Open
        } else {
            Scope::Closed
        }
    }

    fn is_public(&self, text: &str) -> bool {
        let scope = self.scopes.last().copied();
        if text.is_empty() || scope == Some(Scope::Closed) {
            return false;
        }
        let hidden = ["private", "internal", "override"];
        let kinds =
            ["fun", "val", "var", "class", "interface", "object", "typealias", "constructor"];
        let words: Vec<&str> = text.split([' ', '(', '<', ':']).collect();
        // Modifiers and what is declared come first; the rest is of its types.
        let at = words.iter().position(|word| kinds.contains(word));
        let entry =
            text.chars().next().is_some_and(char::is_uppercase) && scope == Some(Scope::Open);
        match at {
            Some(at) => !words[..at].iter().any(|word| hidden.contains(word)),
            None => entry,
        }
    }
}

/// A declaration without its value; defaults of parameters stay.
fn before_value(text: &str) -> &str {
    let mut open = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' => open += 1,
            ')' | ']' => open = open.saturating_sub(1),
            '=' if open == 0 && text[..at].ends_with(' ') && text[at..].starts_with("= ") => {
                return text[..at].trim_end();
            }
            _ => {}
        }
    }
    text.trim_end_matches([' ', '=']).trim_end()
}

/// Words of a declaration, without what stands before it: `@Name(…)`.
fn without_attributes(text: &str) -> Vec<&str> {
    let mut rest = text.trim_start();
    loop {
        let name = match rest.strip_prefix('@') {
            Some(behind) => {
                behind.trim_start_matches(|c: char| c.is_alphanumeric() || "_.:".contains(c))
            }
            None => match rest.strip_prefix('#') {
                Some(behind) => behind,
                None => return rest.split_whitespace().collect(),
            },
        };
        let mut open = 0;
        let end = name.char_indices().find(|(at, character)| {
            match character {
                '(' | '[' => open += 1,
                ')' | ']' => open -= 1,
                _ if *at == 0 => return true,
                _ => {}
            }
            open == 0
        });
        rest = match end {
            Some((0, first)) if first != '(' && first != '[' => name.trim_start(),
            Some((at, last)) => name[at + last.len_utf8()..].trim_start(),
            None => "",
        };
    }
}

/// The source without comments, and with nothing in its texts.
fn plain(source: &str) -> String {
    let mut plain = String::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if let Some(text) = rest.strip_prefix("\"\"\"") {
            plain.push_str("\"\"");
            text.find("\"\"\"").map_or(rest.len(), |end| end + 6)
        } else if first == '"' {
            plain.push_str("\"\"");
            end_of_text(rest)
        } else if let Some(end) = ["'{'", "'}'", "'('", "')'", "'['", "']'", "'\"'", "b'\"'"]
            .into_iter()
            .find(|literal| rest.starts_with(literal))
        {
            end.len()
        } else {
            plain.push(first);
            first.len_utf8()
        };
        rest = &rest[skipped..];
    }
    plain
}

/// Where a text in quotes ends.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public() {
        let source = "/** fun no() */\npublic class A(\n    val one: Int = 3,\n) : B {\n    override fun no() {}\n    \
            @Throws(X::class)\n    fun yes(\n        a: Int,\n    ): String? = a.let { \"$it\" }\n    private val no = 1\n    \
            companion object { val shared: Int = 1 }\n}\ninternal class No { fun no() {} }\nenum class E { ONE, TWO; }\n\
            object FfiConverterX { fun no() {} }\n";
        assert_eq!(
            declarations(source),
            [
                "public class A( val one: Int = 3, ) : B",
                "    fun yes( a: Int, ): String?",
                "    companion object",
                "        val shared: Int",
                "enum class E",
                "    ONE, TWO",
            ]
        );
    }
}

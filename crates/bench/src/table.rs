//! The table, printed row by row as the measures end.

/// One line of the table.
pub(crate) struct Row {
    measure: String,
    ours: String,
    raw: String,
    ratio: Option<f64>,
    bar: String,
    met: Option<bool>,
}

impl Row {
    /// A figure beside the other side's. No bar yet.
    pub(crate) fn new(measure: impl Into<String>, ours: String, raw: impl Into<String>) -> Self {
        Self {
            measure: measure.into(),
            ours,
            raw: raw.into(),
            ratio: None,
            bar: String::new(),
            met: None,
        }
    }

    /// A measure that cannot be taken here, and why.
    pub(crate) fn skipped(measure: impl Into<String>, why: &str) -> Self {
        Self::new(measure, why.to_owned(), "")
    }

    /// What the other side came to.
    pub(crate) fn raw(mut self, raw: String) -> Self {
        self.raw = raw;
        self
    }

    /// Ours divided by the other's.
    pub(crate) fn ratio(mut self, ratio: f64) -> Self {
        self.ratio = Some(ratio);
        self
    }

    /// What is wanted, in words, and whether it was reached.
    pub(crate) fn bar(mut self, bar: &str, met: bool) -> Self {
        self.bar = bar.to_owned();
        self.met = Some(met);
        self
    }

    /// False only if a bar was missed.
    pub(crate) fn is_met(&self) -> bool {
        self.met != Some(false)
    }
}

/// Prints the table's head.
pub(crate) fn head() {
    columns(["measure", "ours", "raw", "ratio", "bar", "ok?"]);
    columns(["---", "---", "---", "---", "---", "---"]);
}

/// Prints one row.
pub(crate) fn row(row: &Row) {
    let ratio = row
        .ratio
        .map_or(String::new(), |ratio| format!("{ratio:.3}"));
    let met = match row.met {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    };
    columns([&row.measure, &row.ours, &row.raw, &ratio, &row.bar, met]);
}

fn columns([measure, ours, raw, ratio, bar, met]: [&str; 6]) {
    line(&format!(
        "| {measure:44} | {ours:20} | {raw:15} | {ratio:5} | {bar:18} | {met:3} |"
    ));
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "the program's output")]
pub(crate) fn line(text: &str) {
    println!("{}", text.trim_end());
}

//! A paper on sheets: what stands where, and what it is for a reader that reads aloud.
//!
//! * Everything is a row of columns that flow down the sheet; a row that does not fit goes on at the next one.
//! * What belongs together and is short is not torn apart, and a heading does not stand alone at the foot.
//! * Each thing on a sheet either belongs to a knot of the structure or is adornment.

use crate::code::Code;
use crate::face::Style;
use crate::line::{Line, lines, natural, widest_word};
use crate::paper::{Answer, Field, Paper, Part, Signed};
use crate::template::{Block, Color, Page, Template};

/// What a part of the structure is.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Kind {
    Heading(u16, String),
    Paragraph,
    Table,
    Row,
    HeadCell,
    Cell,
    /// A picture, with what it is.
    Picture(String),
}

/// A part of the structure, below another one or none.
#[derive(Debug)]
pub(crate) struct Knot {
    pub kind: Kind,
    pub above: Option<usize>,
}

/// Something on a sheet. Lengths are points from the upper left.
#[derive(Debug)]
pub(crate) enum Mark {
    /// A line of words; `y` is where letters stand. Without a knot it is adornment.
    Words { x: f32, y: f32, size: f32, color: Color, line: Line, knot: Option<usize> },
    /// A filled rectangle, always adornment.
    Bar { x: f32, y: f32, width: f32, height: f32, color: Color },
    /// A code to scan.
    Scan { x: f32, y: f32, side: f32, code: Code, knot: usize },
}

/// A paper laid out.
pub(crate) struct Laid {
    pub sheets: Vec<Vec<Mark>>,
    pub knots: Vec<Knot>,
    /// Headings with their level, sheet and height.
    pub headings: Vec<(u16, String, usize, f32)>,
}

/// Words in a column of a row.
struct Column {
    x: f32,
    size: f32,
    color: Color,
    lines: Vec<Line>,
    /// None where it is adornment.
    knot: Option<usize>,
    /// Each line stands in the middle of so much.
    middle_of: Option<f32>,
}

/// How a row flows.
#[derive(Clone, Copy)]
struct Way {
    before: f32,
    after: f32,
    /// So many lines stay together.
    kept: usize,
}

/// Between two columns of a table, and above and below a row of it.
const CELL: f32 = 4.0;
/// Thickness of a rule.
const RULE: f32 = 0.6;
/// Deeper than this nothing begins further in.
const DEEPEST: usize = 4;
/// Lines of a table's head that are said again on the next sheet.
const MOST_REPEATED: usize = 6;
/// Letters of a title at the foot.
const FOOT_LETTERS: usize = 70;

/// Lays a paper out; `code` is what its copy says to a camera.
pub(crate) fn lay_out(paper: &Paper, template: &Template, code: Option<Code>) -> Laid {
    let mut flow = Flow::new(paper, template);
    let mut code = code;
    for block in &template.order {
        match block {
            Block::Head => flow.head(code.take()),
            Block::Person => flow.person(),
            Block::Parts => flow.parts(&paper.parts, 0, 2),
            Block::Signatures => {
                flow.signatures(&paper.signed);
                flow.added();
            }
            Block::Stamp => flow.stamp(),
            Block::Notes => flow.notes(),
        }
    }
    flow.feet();
    Laid { sheets: flow.sheets, knots: flow.knots, headings: flow.headings }
}

struct Flow<'p> {
    paper: &'p Paper,
    template: &'p Template,
    sheets: Vec<Vec<Mark>>,
    knots: Vec<Knot>,
    headings: Vec<(u16, String, usize, f32)>,
    y: f32,
    /// Where the sheet begins, below what stands at its head.
    begun: f32,
    left: f32,
    width: f32,
    bottom: f32,
    /// The head of the table that is being laid, for the sheets that follow.
    repeated: Option<Vec<(f32, f32, String)>>,
}

impl<'p> Flow<'p> {
    fn new(paper: &'p Paper, template: &'p Template) -> Flow<'p> {
        let page = &template.page_mm;
        Flow {
            paper,
            template,
            sheets: vec![Vec::new()],
            knots: Vec::new(),
            headings: Vec::new(),
            y: Page::points(page.top),
            begun: Page::points(page.top),
            left: Page::points(page.left),
            width: Page::points(page.width - page.left - page.right),
            bottom: Page::points(page.height - page.bottom),
            repeated: None,
        }
    }

    fn knot(&mut self, kind: Kind, above: Option<usize>) -> usize {
        self.knots.push(Knot { kind, above });
        self.knots.len() - 1
    }

    fn mark(&mut self, mark: Mark) {
        self.sheets.last_mut().expect("there is always a sheet").push(mark);
    }

    fn rule(&mut self, x: f32, width: f32) {
        let (y, color) = (self.y, self.template.color.line);
        self.mark(Mark::Bar { x, y, width, height: RULE, color });
        self.y += RULE;
    }

    /// The height of a line of letters.
    fn height(&self, size: f32) -> f32 {
        size * self.template.leading
    }

    /// The next sheet.
    fn turn(&mut self) {
        self.sheets.push(Vec::new());
        self.y = Page::points(self.template.page_mm.top);
        let (size, color) = (self.template.size_pt.footer, self.template.color.quiet);
        if self.template.has_running_head && !self.paper.running.is_empty() {
            let line = lines(&[(&self.paper.running, Style::Plain)], self.width / size).into_iter().next().unwrap_or_default();
            let (x, y) = (self.left, self.y);
            self.mark(Mark::Words { x, y, size, color, line, knot: None });
            self.y += size * 0.6;
            self.rule(self.left, self.width);
            self.y += size;
        }
        if let Some(head) = self.repeated.take() {
            self.table_head(&head, None);
            self.repeated = Some(head);
        }
        self.begun = self.y;
    }

    /// Turns the sheet where so much does not fit any more; a new one is not turned, whatever comes.
    fn need(&mut self, height: f32) {
        if self.y + height > self.bottom && self.y > self.begun {
            self.turn();
        }
    }

    /// Lays columns side by side, and says where each part of them lies.
    fn row(&mut self, columns: Vec<Column>, way: Way) -> Vec<(usize, f32, f32)> {
        let count = columns.iter().map(|column| column.lines.len()).max().unwrap_or(0);
        if count == 0 {
            return Vec::new();
        }
        let height = columns.iter().map(|column| self.height(column.size)).fold(0.0, f32::max);
        let first = if count <= way.kept { count } else { 2 };
        self.need(way.before + height * first as f32);
        self.y += way.before;
        let mut columns: Vec<_> = columns.into_iter().map(|Column { x, size, color, lines, knot, middle_of }| (x, size, color, knot, middle_of, lines.into_iter())).collect();
        let mut found = Vec::new();
        let mut done = 0;
        while done < count {
            if done > 0 && self.y + height > self.bottom {
                self.turn();
            }
            let room = ((self.bottom - self.y) / height).floor().max(1.0) as usize;
            let part = room.min(count - done);
            let top = self.y;
            for (x, size, color, knot, middle_of, rest) in &mut columns {
                for (place, line) in rest.by_ref().take(part).enumerate() {
                    let y = top + height * place as f32 + (height - *size) / 2.0 + *size * 0.8;
                    let aside = middle_of.map_or(0.0, |width| ((width - line.width() * *size) / 2.0).max(0.0));
                    let mark = Mark::Words { x: *x + aside, y, size: *size, color: *color, line, knot: *knot };
                    self.sheets.last_mut().expect("there is always a sheet").push(mark);
                }
            }
            self.y = top + height * part as f32;
            found.push((self.sheets.len() - 1, top, self.y));
            done += part;
        }
        self.y += way.after;
        found
    }

    fn column(&self, x: f32, width: f32, size: f32, color: Color, runs: &[(&str, Style)], knot: Option<usize>) -> Column {
        Column { x, size, color, lines: lines(runs, width / size), knot, middle_of: None }
    }

    /// A paragraph as wide as there is room.
    fn paragraph(&mut self, x: f32, size: f32, color: Color, runs: &[(&str, Style)], way: Way) -> Vec<(usize, f32, f32)> {
        let knot = self.knot(Kind::Paragraph, None);
        let column = self.column(x, self.left + self.width - x, size, color, runs, Some(knot));
        self.row(vec![column], way)
    }

    fn head(&mut self, code: Option<Code>) {
        let (sizes, colors) = (&self.template.size_pt, &self.template.color);
        let side = Page::points(self.template.page_mm.code);
        let has_code = code.is_some();
        let (from, whole) = (self.y, self.width);
        if has_code {
            self.width -= side + Page::points(self.template.page_mm.gap);
        }
        let way = Way { before: 0.0, after: 3.0, kept: usize::MAX };
        if self.template.has_letterhead {
            self.letterhead();
        } else if !self.paper.institution.is_empty() {
            self.paragraph(self.left, sizes.label, colors.quiet, &[(&self.paper.institution, Style::Plain)], way);
        }
        self.heading(if self.paper.title.trim().is_empty() { "—" } else { &self.paper.title }, 1, sizes.title, 0.0);
        if !self.paper.marks.is_empty() {
            let knot = self.knot(Kind::Paragraph, None);
            let column = self.column(self.left, self.width, sizes.label, colors.quiet, &[(&self.paper.marks.join(" · "), Style::Strong)], Some(knot));
            let middle_of = self.template.has_letterhead.then_some(self.width);
            self.row(vec![Column { middle_of, ..column }], way);
        }
        self.width = whole;
        let below = self.y;
        if let (Some(code), Some(copy)) = (code, &self.paper.copy) {
            let x = self.left + whole - side;
            let knot = self.knot(Kind::Picture(if copy.picture.is_empty() { copy.code.clone() } else { copy.picture.clone() }), None);
            self.mark(Mark::Scan { x, y: from, side, code, knot });
            self.y = from + side;
            // As large as fits below the picture.
            let size = (side / natural(&copy.code, Style::Mono).max(1.0)).min(sizes.note);
            let knot = self.knot(Kind::Paragraph, None);
            let column = self.column(x, side + 1.0, size, colors.ink, &[(&copy.code, Style::Mono)], Some(knot));
            self.row(vec![column], Way { before: 1.0, after: 4.0, kept: usize::MAX });
        }
        self.y = self.y.max(below) + 4.0;
    }

    /// Who issues it on the left, what the form says of itself on the right.
    fn letterhead(&mut self) {
        let (sizes, colors) = (&self.template.size_pt, &self.template.color);
        let gap = Page::points(self.template.page_mm.gap);
        let half = (self.width - gap) / 2.0;
        let mut columns = Vec::new();
        if !self.paper.institution.is_empty() {
            let knot = self.knot(Kind::Paragraph, None);
            columns.push(self.column(self.left, half, sizes.label, colors.ink, &[(&self.paper.institution, Style::Strong)], Some(knot)));
        }
        let said: Vec<&str> = self.paper.letterhead.iter().map(String::as_str).filter(|line| !line.trim().is_empty()).collect();
        if !said.is_empty() {
            let knot = self.knot(Kind::Paragraph, None);
            let column = self.column(self.left + half + gap, half, sizes.note, colors.ink, &[(&said.join("\n"), Style::Plain)], Some(knot));
            columns.push(Column { middle_of: Some(half), ..column });
        }
        if !columns.is_empty() {
            self.row(columns, Way { before: 0.0, after: 3.0, kept: usize::MAX });
            self.rule(self.left, self.width);
            self.y += 8.0;
        }
    }

    fn heading(&mut self, text: &str, level: u16, size: f32, before: f32) {
        if text.trim().is_empty() {
            return;
        }
        let knot = self.knot(Kind::Heading(level, text.to_owned()), None);
        let (x, color) = (self.left, self.template.color.ink);
        let column = self.column(x, self.width, size, color, &[(text, Style::Strong)], Some(knot));
        let column = Column { middle_of: (level == 1 && self.template.has_letterhead).then_some(self.width), ..column };
        let own = self.height(size) * column.lines.len() as f32;
        // What follows begins on the same sheet.
        self.need(before + own + self.height(self.template.size_pt.text) * (self.template.kept_lines as f32 + 1.0));
        let found = self.row(vec![column], Way { before, after: 2.0, kept: usize::MAX });
        if let Some((sheet, top, _)) = found.first() {
            self.headings.push((level, text.to_owned(), *sheet, *top));
        }
    }

    fn person(&mut self) {
        let fields: Vec<&Field> = self.paper.person.iter().chain(&self.paper.written).filter(|one| !one.value.is_empty()).collect();
        if fields.is_empty() {
            return;
        }
        self.rule(self.left, self.width);
        self.y += 4.0;
        for one in fields {
            self.field(&one.label, &[(&one.value, Style::Plain)], 0);
        }
        if !self.paper.person_note.is_empty() {
            self.paragraph(self.left, self.template.size_pt.note, self.template.color.quiet, &[(&self.paper.person_note, Style::Plain)], Way { before: 1.0, after: 1.0, kept: 3 });
        }
        self.y += 2.0;
        self.rule(self.left, self.width);
        self.y += 4.0;
    }

    /// A label with what stands behind it, or below it where it is long.
    fn field(&mut self, label: &str, runs: &[(&str, Style)], depth: usize) {
        let (sizes, colors, page) = (&self.template.size_pt, &self.template.color, &self.template.page_mm);
        let x = self.left + Page::points(page.indent) * depth.min(DEEPEST) as f32;
        let (room, gap) = (Page::points(page.label), Page::points(page.gap));
        let knot = Some(self.knot(Kind::Paragraph, None));
        let right = self.left + self.width;
        let letters: usize = runs.iter().map(|(text, _)| text.chars().count()).sum();
        let way = Way { before: 1.5, after: 1.5, kept: self.template.kept_lines };
        if letters > self.template.wide_from_letters || runs.iter().any(|(text, _)| text.trim().contains('\n')) {
            let above = self.column(x, right - x, sizes.label, colors.quiet, &[(label, Style::Plain)], knot);
            self.need(self.height(sizes.label) * above.lines.len() as f32 + self.height(sizes.text) * 3.0);
            self.row(vec![above], Way { after: 0.0, ..way });
            let below = self.column(x, right - x, sizes.text, colors.ink, runs, knot);
            self.row(vec![below], Way { before: 0.0, ..way });
            return;
        }
        let label = self.column(x, room, sizes.label, colors.quiet, &[(label, Style::Plain)], knot);
        let value = self.column(x + room + gap, right - x - room - gap, sizes.text, colors.ink, runs, knot);
        self.row(vec![label, value], way);
    }

    fn parts(&mut self, parts: &[Part], depth: usize, level: u16) {
        for part in parts {
            match part {
                Part::Group { label, parts } => {
                    let is_first = level == 2;
                    let size = if is_first { self.template.size_pt.heading } else { self.template.size_pt.subheading };
                    self.heading(label, level, size, if is_first { 10.0 } else { 6.0 });
                    if is_first && !label.trim().is_empty() {
                        self.rule(self.left, self.width);
                        self.y += 2.0;
                    }
                    self.parts(parts, depth, if label.trim().is_empty() { level } else { level + 1 });
                }
                Part::Field { label, answers, parts } => {
                    let runs = told(answers);
                    let runs: Vec<(&str, Style)> = runs.iter().map(|(text, style)| (text.as_str(), *style)).collect();
                    self.field(label, &runs, depth);
                    self.parts(parts, depth + 1, level);
                }
                Part::Table { label, head, rows } => self.table(label, head, rows, level),
            }
        }
    }

    fn table(&mut self, label: &str, head: &[String], rows: &[Vec<String>], level: u16) {
        if head.is_empty() {
            return;
        }
        self.heading(label, level, self.template.size_pt.subheading, 6.0);
        let size = self.template.size_pt.cell;
        let widths = self.widths(head, rows, size);
        let mut x = self.left;
        let mut places = Vec::new();
        for (text, width) in head.iter().zip(&widths) {
            places.push((x, *width, text.clone()));
            x += width;
        }
        let table = self.knot(Kind::Table, None);
        self.need(self.height(size) * 4.0);
        self.table_head(&places, Some(table));
        // A head that takes much of a sheet is not said again on each.
        let lines_of_head = places.iter().map(|(_, width, text)| lines(&[(text, Style::Strong)], (width - CELL) / size).len()).max().unwrap_or(0);
        self.repeated = (lines_of_head <= MOST_REPEATED).then(|| places.clone());
        for row in rows {
            let own = self.knot(Kind::Row, Some(table));
            let mut columns = Vec::new();
            for ((x, width, _), text) in places.iter().zip(row) {
                let cell = self.knot(Kind::Cell, Some(own));
                // What was not answered is seen to be so, and the cell is one for whoever is read to.
                let text = if text.trim().is_empty() { "—" } else { text.as_str() };
                columns.push(self.column(x + CELL / 2.0, width - CELL, size, self.template.color.ink, &[(text, Style::Plain)], Some(cell)));
            }
            self.row(columns, Way { before: CELL / 2.0, after: CELL / 2.0, kept: 12 });
            self.rule(self.left, self.width);
        }
        self.repeated = None;
        self.y += 4.0;
    }

    /// The head of a table; once more, on another sheet, it is adornment.
    fn table_head(&mut self, places: &[(f32, f32, String)], table: Option<usize>) {
        let (size, color) = (self.template.size_pt.cell, self.template.color.ink);
        let row = table.map(|table| self.knot(Kind::Row, Some(table)));
        let mut columns = Vec::new();
        for (x, width, text) in places {
            let cell = row.map(|row| self.knot(Kind::HeadCell, Some(row)));
            columns.push(self.column(x + CELL / 2.0, width - CELL, size, color, &[(text, Style::Strong)], cell));
        }
        let repeated = self.repeated.take();
        self.rule(self.left, self.width);
        self.row(columns, Way { before: CELL / 2.0, after: CELL / 2.0, kept: usize::MAX });
        self.rule(self.left, self.width);
        self.repeated = repeated;
    }

    /// The widths of columns: each as wide as its longest word, and what is left by what its texts would like.
    fn widths(&self, head: &[String], rows: &[Vec<String>], size: f32) -> Vec<f32> {
        let count = head.len();
        let (mut least, mut liked) = (vec![0.0_f32; count], vec![0.0_f32; count]);
        let mut see = |place: usize, text: &str, style: Style| {
            least[place] = least[place].max(widest_word(text, style) * size + CELL);
            liked[place] = liked[place].max(natural(text, style) * size + CELL);
        };
        for (place, text) in head.iter().enumerate() {
            see(place, text, Style::Strong);
        }
        for (place, text) in rows.iter().flat_map(|row| row.iter().take(count).enumerate()) {
            see(place, text, Style::Plain);
        }
        let even = self.width / count as f32;
        let (needed, wanted) = (least.iter().sum::<f32>(), liked.iter().sum::<f32>());
        if needed > self.width {
            return vec![even; count];
        }
        let spare = self.width - needed;
        let more = wanted - needed;
        least.iter().zip(&liked).map(|(least, liked)| if more > 0.0 { least + spare * (liked - least) / more } else { least + spare / count as f32 }).collect()
    }

    fn signatures(&mut self, signed: &[Signed]) {
        let (sizes, colors) = (&self.template.size_pt, &self.template.color);
        for one in signed {
            let x = self.left + 8.0;
            let room = (self.width - 8.0) / sizes.text;
            let count = lines(&[(&one.by, Style::Strong)], room).len() + lines(&[(&one.at, Style::Plain)], room).len();
            self.need(10.0 + self.height(sizes.text) * count as f32);
            self.y += 8.0;
            let way = Way { before: 0.0, after: 0.0, kept: usize::MAX };
            let mut bars = self.paragraph(x, sizes.text, colors.ink, &[(&one.by, Style::Strong)], way);
            bars.extend(self.paragraph(x, sizes.label, colors.quiet, &[(&one.at, Style::Plain)], way));
            for (sheet, top, bottom) in bars {
                let (x, color) = (self.left, colors.ink);
                self.sheets[sheet].push(Mark::Bar { x, y: top, width: 1.6, height: bottom - top, color });
            }
        }
    }

    /// What was added later, each with who signed it.
    fn added(&mut self) {
        let paper = self.paper;
        let (sizes, colors) = (&self.template.size_pt, &self.template.color);
        if !paper.added_note.is_empty() {
            self.y += 8.0;
            self.paragraph(self.left, sizes.label, colors.ink, &[(&paper.added_note, Style::Plain)], Way { before: 1.0, after: 1.0, kept: usize::MAX });
        }
        for one in &paper.added {
            self.heading(&one.title, 2, sizes.heading, 10.0);
            self.rule(self.left, self.width);
            self.y += 2.0;
            for field in one.written.iter().filter(|field| !field.value.is_empty()) {
                self.field(&field.label, &[(&field.value, Style::Plain)], 0);
            }
            self.parts(&one.parts, 0, 3);
            self.signatures(&one.signed);
        }
    }

    fn stamp(&mut self) {
        let Some(copy) = &self.paper.copy else { return };
        let (sizes, colors) = (&self.template.size_pt, &self.template.color);
        let way = Way { before: 1.0, after: 1.0, kept: usize::MAX };
        self.need(20.0 + self.height(sizes.label) * (copy.lines.len() as f32 + 3.0));
        self.y += 10.0;
        self.rule(self.left, self.width);
        self.y += 3.0;
        for line in copy.lines.iter().filter(|line| !line.is_empty()) {
            self.paragraph(self.left, sizes.label, colors.ink, &[(line, Style::Plain)], way);
        }
        self.paragraph(self.left, sizes.label, colors.ink, &[(&copy.how, Style::Plain), (" ", Style::Plain), (&copy.code, Style::Mono)], way);
        self.paragraph(self.left, sizes.note, colors.quiet, &[(&copy.scanned, Style::Plain)], way);
        self.y += 2.0;
        self.rule(self.left, self.width);
    }

    fn notes(&mut self) {
        let (sizes, colors) = (&self.template.size_pt, &self.template.color);
        self.y += 8.0;
        let notes = self.paper.notes.iter().map(String::as_str).filter(|note| !note.is_empty()).collect::<Vec<_>>().join(" · ");
        self.paragraph(self.left, sizes.note, colors.quiet, &[(&notes, Style::Plain)], Way { before: 1.0, after: 1.0, kept: 3 });
    }

    /// The foot of every sheet: what it is, which of how many, the code to look it up.
    fn feet(&mut self) {
        let (size, color) = (self.template.size_pt.footer, self.template.color.quiet);
        let page = &self.template.page_mm;
        let top = Page::points(page.height - page.bottom) + 8.0;
        let count = self.sheets.len();
        let mut title: String = self.paper.title.chars().take(FOOT_LETTERS).collect();
        if title.len() < self.paper.title.len() {
            title.push('…');
        }
        if let Some(copy) = &self.paper.copy {
            title = format!("{title} · {}", copy.code);
        }
        let mut places = self.paper.page_of.splitn(3, "{}");
        let (before, between, after) = (places.next().unwrap_or_default(), places.next().unwrap_or_default(), places.next().unwrap_or_default());
        let right = self.left + self.width;
        for number in 0..count {
            let said = format!("{before}{}{between}{count}{after}", number + 1);
            let told = lines(&[(&said, Style::Plain)], f32::INFINITY).into_iter().next().unwrap_or_default();
            let room = (self.width - told.width() * size - 10.0) / size;
            let own = lines(&[(&title, Style::Plain)], room).into_iter().next().unwrap_or_default();
            let (x, y) = (self.left, top + 4.0 + size);
            let sheet = &mut self.sheets[number];
            sheet.push(Mark::Bar { x, y: top, width: self.width, height: RULE, color: self.template.color.line });
            let number_x = right - told.width() * size;
            sheet.push(Mark::Words { x, y, size, color, line: own, knot: None });
            sheet.push(Mark::Words { x: number_x, y, size, color, line: told, knot: None });
        }
    }
}

/// Answers side by side; the ones that say why there is none are slanted.
fn told(answers: &[Answer]) -> Vec<(String, Style)> {
    let mut runs = Vec::new();
    for (place, answer) in answers.iter().enumerate() {
        if place > 0 {
            runs.push((", ".to_owned(), Style::Plain));
        }
        runs.push((answer.text.clone(), if answer.is_absent { Style::Slant } else { Style::Plain }));
    }
    runs
}

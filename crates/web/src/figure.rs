//! Small pictures of figures over time, as SVG.
//!
//! * Time is proportional, data are not stretched, the reference band lies inside the view.
//! * Colours come from classes, so the pictures follow light, dark and print.
//! * Every picture has its figures as text beside it or in its label.

use std::fmt::Write;

/// A point: milliseconds since 1970 and a value.
pub type Point = (i64, f64);

const WIDTH: f64 = 64.0;
const HEIGHT: f64 = 24.0;
const MARGIN: f64 = 4.0;

/// A line of values with the reference band behind it and the last value marked.
pub fn spark(points: &[Point], band: (Option<f64>, Option<f64>), last_is_abnormal: bool, label: &str) -> String {
    if points.is_empty() {
        return String::new();
    }
    let scale = Scale::over(points.iter().map(|point| point.1), band, points.first().map_or(0, |point| point.0), points.last().map_or(0, |point| point.0));
    let mut svg = opening(label);
    scale.write_band(&mut svg, band);
    if points.len() > 1 {
        svg.push_str("<polyline class=\"line\" points=\"");
        for (place, point) in points.iter().enumerate() {
            let _ = write!(svg, "{}{:.1},{:.1}", if place > 0 { " " } else { "" }, scale.x(point.0), scale.y(point.1));
        }
        svg.push_str("\"/>");
    }
    if let Some(last) = points.last() {
        let _ = write!(svg, "<circle class=\"{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>", if last_is_abnormal { "dot crit" } else { "dot" }, scale.x(last.0), scale.y(last.1));
    }
    svg.push_str("</svg>");
    svg
}

/// Blood pressure: each reading is one bar from diastolic to systolic.
pub fn bars(readings: &[(i64, f64, f64)], last_is_abnormal: bool, label: &str) -> String {
    if readings.is_empty() {
        return String::new();
    }
    let values = readings.iter().flat_map(|reading| [reading.1, reading.2]);
    let scale = Scale::over(values, (None, None), readings.first().map_or(0, |reading| reading.0), readings.last().map_or(0, |reading| reading.0));
    let mut svg = opening(label);
    for (place, (at, high, low)) in readings.iter().enumerate() {
        let is_last = place + 1 == readings.len();
        let class = match (is_last, last_is_abnormal) {
            (true, true) => "bar last crit",
            (true, false) => "bar last",
            (false, _) => "bar",
        };
        let x = scale.x(*at);
        let _ = write!(svg, "<path class=\"{class}\" d=\"M{x:.1} {:.1}V{:.1}\"/>", scale.y(*high), scale.y(*low));
    }
    svg.push_str("</svg>");
    svg
}

fn opening(label: &str) -> String {
    let mut svg = format!("<svg class=\"spark\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"");
    escape(&mut svg, label);
    svg.push_str("\">");
    svg
}

/// Values and times onto the small field.
struct Scale {
    low: f64,
    high: f64,
    from: i64,
    to: i64,
}

impl Scale {
    fn over(values: impl Iterator<Item = f64>, band: (Option<f64>, Option<f64>), from: i64, to: i64) -> Scale {
        let all = values.chain(band.0).chain(band.1).filter(|value| value.is_finite());
        let (low, high) = all.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        // A tenth of the value at least, so that noise does not look like a mountain.
        let least = high.abs().max(low.abs()) * 0.1;
        let missing = (least - (high - low)).max(0.0);
        Scale { low: low - missing / 2.0, high: high + missing / 2.0, from, to }
    }

    fn x(&self, at: i64) -> f64 {
        if self.to == self.from {
            return WIDTH - MARGIN;
        }
        MARGIN + (at - self.from) as f64 / (self.to - self.from) as f64 * (WIDTH - 2.0 * MARGIN)
    }

    fn y(&self, value: f64) -> f64 {
        let span = if self.high > self.low { self.high - self.low } else { 1.0 };
        HEIGHT - MARGIN - (value - self.low) / span * (HEIGHT - 2.0 * MARGIN)
    }

    /// A range open to one side is drawn to the edge.
    fn write_band(&self, svg: &mut String, band: (Option<f64>, Option<f64>)) {
        if band == (None, None) {
            return;
        }
        let top = band.1.map_or(0.0, |high| self.y(high));
        let bottom = band.0.map_or(HEIGHT, |low| self.y(low));
        let _ = write!(svg, "<rect class=\"band\" x=\"0\" y=\"{top:.1}\" width=\"{WIDTH}\" height=\"{:.1}\"/>", (bottom - top).max(1.0));
    }
}

/// One measurement of a child.
pub struct GrowthPoint {
    /// Age in months, fractions included.
    pub months: f64,
    /// In the unit of the axis.
    pub value: f64,
    /// What a reader hears for it.
    pub label: String,
}

/// A curve of a standard.
pub struct Curve {
    /// Age in months and value, by age.
    pub points: Vec<(f64, f64)>,
    /// Its deviations from the median.
    pub label: String,
    /// It is the median.
    pub is_median: bool,
}

/// How many months a chart shows whose last point lies at that age.
pub fn growth_span(last_months: f64) -> f64 {
    if last_months > 36.0 { (last_months / 12.0).ceil().max(4.0) * 12.0 } else { (last_months / 6.0).ceil().max(1.0) * 6.0 }
}

/// A growth chart: the child's own points over age, and curves of a standard behind them.
pub fn growth(points: &[GrowthPoint], curves: &[Curve], axis: &str, title: &str) -> String {
    let Some(last) = points.last() else { return String::new() };
    let (left, right, top, bottom) = (44.0, 664.0, 24.0, 300.0);
    let in_years = last.months > 36.0;
    let age_span = growth_span(last.months);
    let values = || points.iter().map(|point| point.value).chain(curves.iter().flat_map(|curve| curve.points.iter().map(|point| point.1)));
    let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
    let step = nice_step((high - low).max(high * 0.1) / 5.0);
    let (floor, ceiling) = ((low / step).floor() * step, ((high / step).floor() + 1.0) * step);
    let x = |months: f64| left + months / age_span * (right - left);
    let y = |value: f64| bottom - (value - floor) / (ceiling - floor) * (bottom - top);

    let mut svg = String::from("<svg class=\"growth\" viewBox=\"0 0 720 344\" role=\"img\" aria-label=\"");
    escape(&mut svg, title);
    svg.push_str("\"><g class=\"grid\">");
    let ticks = if in_years { age_span / 12.0 } else { age_span };
    let tick_step = [1.0, 2.0, 3.0, 6.0, 12.0].into_iter().find(|step| ticks / step <= 12.0).unwrap_or(12.0);
    let mut labels = String::new();
    let mut tick = 0.0;
    while tick <= ticks + 0.01 {
        let at = x(if in_years { tick * 12.0 } else { tick });
        let _ = write!(svg, "<path d=\"M{at:.0} {top}V{bottom}\"/>");
        let _ = write!(labels, "<text x=\"{at:.0}\" y=\"318\" text-anchor=\"middle\">{tick:.0}</text>");
        tick += tick_step;
    }
    let mut value = floor;
    while value <= ceiling + step / 100.0 {
        let _ = write!(svg, "<path d=\"M{left} {:.0}H{right}\"/>", y(value));
        let _ = write!(labels, "<text x=\"36\" y=\"{:.0}\" text-anchor=\"end\">{value:.0}</text>", y(value) + 5.0);
        value += step;
    }
    svg.push_str("</g><g class=\"axis\">");
    svg.push_str(&labels);
    let _ = write!(svg, "<text x=\"354\" y=\"338\" text-anchor=\"middle\">");
    escape(&mut svg, axis);
    svg.push_str("</text></g>");
    for curve in curves {
        let _ = write!(svg, "<polyline class=\"curve{}\" points=\"", if curve.is_median { " median" } else { "" });
        for (months, value) in &curve.points {
            let _ = write!(svg, "{:.1},{:.1} ", x(*months), y(*value));
        }
        svg.push_str("\"/>");
        if let Some((months, value)) = curve.points.last() {
            let _ = write!(svg, "<text class=\"curve-name\" x=\"{:.0}\" y=\"{:.0}\">", x(*months) + 6.0, y(*value) + 4.0);
            escape(&mut svg, &curve.label);
            svg.push_str("</text>");
        }
    }
    svg.push_str("<polyline class=\"line\" points=\"");
    for point in points {
        let _ = write!(svg, "{:.1},{:.1} ", x(point.months), y(point.value));
    }
    svg.push_str("\"/>");
    for point in points {
        let _ = write!(svg, "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"><title>", x(point.months), y(point.value));
        escape(&mut svg, &point.label);
        svg.push_str("</title></circle>");
    }
    svg.push_str("</svg>");
    svg
}

/// 1, 2 or 5 times a power of ten, not below the wish and not below one.
fn nice_step(wish: f64) -> f64 {
    let power = 10f64.powf(wish.max(1.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= wish).unwrap_or(power)
}

/// Text inside markup.
fn escape(out: &mut String, text: &str) {
    for sign in text.chars() {
        match sign {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(sign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = fhir::date::DAY_MS;

    #[test]
    fn a_spark_keeps_its_points_inside_and_its_band_visible() {
        let svg = spark(&[(0, 7.2), (DAY * 30, 7.6), (DAY * 90, 8.1)], (Some(4.0), Some(5.6)), true, "HbA1c: 7.2, 7.6, 8.1");
        assert!(svg.contains("class=\"band\"") && svg.contains("class=\"dot crit\""));
        let numbers: Vec<f64> = svg.split("points=\"").nth(1).unwrap().split('"').next().unwrap().split([' ', ',']).map(|number| number.parse().unwrap()).collect();
        assert_eq!(numbers.len(), 6);
        assert!(numbers.chunks(2).all(|point| (0.0..=WIDTH).contains(&point[0]) && (0.0..=HEIGHT).contains(&point[1])));
        // Time is proportional: thirty days of ninety are a third of the way.
        assert!((numbers[2] - (MARGIN + (WIDTH - 2.0 * MARGIN) / 3.0)).abs() < 0.2);
    }

    #[test]
    fn labels_are_escaped_and_nothing_draws_nothing() {
        assert_eq!(spark(&[], (None, None), false, ""), "");
        assert!(spark(&[(0, 1.0)], (None, None), false, "\"<script>").contains("&quot;&lt;script&gt;"));
        assert_eq!(bars(&[(0, 148.0, 86.0)], true, "x").matches("class=\"bar last crit\"").count(), 1);
        assert!(!growth(&[GrowthPoint { months: 0.0, value: 3.2, label: "<b>".to_owned() }], &[], "Age", "Weight").contains("<b>"));
    }
}

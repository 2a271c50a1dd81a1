/// Horizontal bars from a common zero, one a row.
struct BarChart {
    struct Bar {
        let label: String
        let value: Double
        let text: String
        /// Class of the bar: `bar`, `bar-good`, `bar-bad`, `bar-warn`.
        let style: String
    }

    let bars: [Bar]
    var maximum: Double?

    func figure(id: String, title: String, description: String) -> Figure {
        let rowHeight = 30.0, left = 210.0, right = 640.0
        var svg = SVG(width: 760, height: Double(bars.count) * rowHeight + 16)
        let scale = Scale(bars.map(\.value) + [maximum ?? 0], from: left, to: right)
        let zero = scale(0)
        for (index, bar) in bars.enumerated() {
            let y = Double(index) * rowHeight + 8, end = scale(bar.value)
            svg.text(shortened(bar.label), x: left - 10, y: y + 18, anchor: .end)
            svg.rectangle(
                x: min(zero, end), y: y + 4, width: max(1, abs(end - zero)), height: rowHeight - 10,
                style: bar.style, title: "\(bar.label): \(bar.text)")
            // Beside the bar, on the right: there is always room for it there.
            svg.text(bar.text, x: max(zero, end) + 8, y: y + 18, style: "value")
        }
        svg.line(x1: zero, y1: 4, x2: zero, y2: svg.height - 4, style: "axis")
        return Figure(id: id, title: title, description: description, svg)
    }

    private func shortened(_ label: String) -> String {
        label.count > 30 ? label.prefix(29) + "…" : label
    }
}

/// Two ends of each driver around a middle value, widest first.
struct TornadoChart {
    struct Bar {
        let label: String
        let low: Double
        let high: Double
        let lowText: String
        let highText: String
    }

    let bars: [Bar]
    let middle: Double
    let middleText: String

    func figure(id: String, title: String, description: String) -> Figure {
        let rowHeight = 32.0, left = 230.0, right = 670.0
        var svg = SVG(width: 760, height: Double(bars.count) * rowHeight + 40)
        let scale = Scale(
            bars.flatMap { [$0.low, $0.high] } + [middle], includingZero: false, from: left, to: right)
        for (index, bar) in bars.enumerated() {
            let y = Double(index) * rowHeight + 26, low = scale(bar.low), high = scale(bar.high)
            svg.text(bar.label, x: 130, y: y + 16, anchor: .end)
            half(&svg, from: scale(middle), to: low, y: y, style: "bar-low", text: "lower: \(bar.lowText)")
            half(&svg, from: scale(middle), to: high, y: y, style: "bar", text: "higher: \(bar.highText)")
            let lowLeft = low <= high
            svg.text(
                lowLeft ? bar.lowText : bar.highText, x: min(low, high) - 6, y: y + 16, anchor: .end, style: "value")
            svg.text(lowLeft ? bar.highText : bar.lowText, x: max(low, high) + 6, y: y + 16, style: "value")
        }
        svg.line(x1: scale(middle), y1: 20, x2: scale(middle), y2: svg.height - 8, style: "axis")
        svg.text(middleText, x: scale(middle), y: 14, anchor: .middle, style: "value")
        return Figure(id: id, title: title, description: description, svg)
    }

    private func half(_ svg: inout SVG, from: Double, to: Double, y: Double, style: String, text: String) {
        svg.rectangle(x: min(from, to), y: y, width: abs(to - from), height: 22, style: style, title: text)
    }
}

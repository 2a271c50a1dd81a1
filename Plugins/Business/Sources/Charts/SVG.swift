/// Builds one SVG picture. Colours are classes, so the page's style sheet decides about light and dark.
struct SVG {
    let width: Double
    let height: Double
    private var body = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    enum Anchor: String { case start, middle, end }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, style: String, title: String? = nil
    ) {
        let hint = title.map { "<title>\(Self.escape($0))</title>" } ?? ""
        body +=
            "<rect class=\"\(style)\" x=\"\(Self.at(x))\" y=\"\(Self.at(y))\" width=\"\(Self.at(max(0, width)))\""
            + " height=\"\(Self.at(max(0, height)))\" rx=\"2\">\(hint)</rect>\n"
    }

    mutating func line(x1: Double, y1: Double, x2: Double, y2: Double, style: String) {
        body +=
            "<line class=\"\(style)\" x1=\"\(Self.at(x1))\" y1=\"\(Self.at(y1))\" x2=\"\(Self.at(x2))\""
            + " y2=\"\(Self.at(y2))\"/>\n"
    }

    mutating func path(_ points: [(x: Double, y: Double)], style: String) {
        let list = points.map { "\(Self.at($0.x)),\(Self.at($0.y))" }.joined(separator: " ")
        body += "<polyline class=\"\(style)\" points=\"\(list)\"/>\n"
    }

    mutating func dot(x: Double, y: Double, style: String, title: String) {
        body +=
            "<circle class=\"\(style)\" cx=\"\(Self.at(x))\" cy=\"\(Self.at(y))\" r=\"4.5\">"
            + "<title>\(Self.escape(title))</title></circle>\n"
    }

    mutating func text(_ text: String, x: Double, y: Double, anchor: Anchor = .start, style: String = "label") {
        body +=
            "<text class=\"\(style)\" x=\"\(Self.at(x))\" y=\"\(Self.at(y))\" text-anchor=\"\(anchor.rawValue)\">"
            + "\(Self.escape(text))</text>\n"
    }

    /// The picture with a name and a description for those who cannot see it.
    func document(id: String, title: String, description: String) -> String {
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.at(width)) \(Self.at(height))\" role=\"img\""
            + " aria-labelledby=\"\(id)-title \(id)-description\">\n"
            + "<title id=\"\(id)-title\">\(Self.escape(title))</title>\n"
            + "<desc id=\"\(id)-description\">\(Self.escape(description))</desc>\n\(body)</svg>"
    }

    /// Text between tags or inside quotes; control characters, which XML forbids, are dropped.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20: continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// One decimal is finer than a pixel.
    private static func at(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let fraction = abs(tenths) % 10
        return (tenths < 0 ? "-" : "") + "\(abs(tenths) / 10)" + (fraction == 0 ? "" : ".\(fraction)")
    }
}

/// A picture with the words that stand for it.
struct Figure {
    let id: String
    let title: String
    let description: String
    let svg: String

    init(id: String, title: String, description: String, _ svg: SVG) {
        self.id = id
        self.title = title
        self.description = description
        self.svg = svg.document(id: id, title: title, description: description)
    }
}

/// Maps values to pixels.
struct Scale {
    let values: ClosedRange<Double>
    let pixels: (from: Double, to: Double)

    init(_ values: some Sequence<Double>, includingZero: Bool = true, from: Double, to: Double) {
        var low = includingZero ? 0 : Double.infinity, high = includingZero ? 0 : -Double.infinity
        for value in values {
            low = min(low, value)
            high = max(high, value)
        }
        if !(low < high) { (low, high) = low.isFinite ? (low, low + 1) : (0, 1) }
        self.values = low...high
        pixels = (from, to)
    }

    func callAsFunction(_ value: Double) -> Double {
        let share = (value - values.lowerBound) / (values.upperBound - values.lowerBound)
        return pixels.from + share * (pixels.to - pixels.from)
    }

    /// About five round values: 1, 2 or 5 times a power of ten apart.
    var ticks: [Double] {
        let span = values.upperBound - values.lowerBound
        var step = 1e-6
        let factors = [2.0, 2.5, 2.0]
        var index = 0
        while span / step > 6, index < 100 {
            step *= factors[index % 3]
            index += 1
        }
        let first = (values.lowerBound / step).rounded(.up), last = (values.upperBound / step).rounded(.down)
        guard first <= last, last - first < 50 else { return [] }
        return stride(from: first, through: last, by: 1).map { $0 * step }
    }
}

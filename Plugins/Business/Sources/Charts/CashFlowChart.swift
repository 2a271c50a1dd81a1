/// Net flow of each month as columns, the running sum as a line.
struct CashFlowChart {
    let rows: [FinanceCase.Row]

    func figure(id: String, title: String, description: String) -> Figure {
        let left = 64.0, right = 744.0, top = 12.0, bottom = 268.0
        var svg = SVG(width: 760, height: 300)
        let scale = Scale(
            rows.flatMap { [Double($0.netMinor), Double($0.cumulativeMinor)] }, from: bottom, to: top)
        for tick in scale.ticks {
            svg.line(x1: left, y1: scale(tick), x2: right, y2: scale(tick), style: tick == 0 ? "axis" : "grid")
            svg.text(Format.short(minor: tick), x: left - 6, y: scale(tick) + 4, anchor: .end)
        }
        let slot = (right - left) / Double(max(1, rows.count))
        let every = max(1, (rows.count + 8) / 9)
        for (index, row) in rows.enumerated() {
            let x = left + slot * Double(index), y = scale(Double(row.netMinor))
            svg.rectangle(
                x: x + slot * 0.15, y: min(y, scale(0)), width: slot * 0.7, height: max(1, abs(y - scale(0))),
                style: row.netMinor < 0 ? "bar-bad" : "bar-good",
                title: "\(row.label): net \(Format.short(minor: Double(row.netMinor))),"
                    + " running sum \(Format.short(minor: Double(row.cumulativeMinor)))")
            if index % every == 0 {
                // Centred, but never out of the picture.
                svg.text(row.label, x: min(x + slot / 2, right - 16), y: bottom + 20, anchor: .middle)
            }
        }
        svg.path(
            rows.enumerated().map { (left + slot * (Double($0) + 0.5), scale(Double($1.cumulativeMinor))) },
            style: "curve")
        return Figure(id: id, title: title, description: description, svg)
    }
}

/// Profit as a function of price, with the chosen price.
struct PriceChart {
    let pricing: PricingOutput

    func figure(id: String, title: String, description: String) -> Figure {
        let left = 64.0, right = 730.0, top = 16.0, bottom = 208.0
        var svg = SVG(width: 760, height: 240)
        let x = Scale(pricing.curve.map { Double($0.priceMinor) }, includingZero: false, from: left, to: right)
        let y = Scale(pricing.curve.map { Double($0.profitMinor) }, from: bottom, to: top)
        for tick in y.ticks {
            svg.line(x1: left, y1: y(tick), x2: right, y2: y(tick), style: tick == 0 ? "axis" : "grid")
            svg.text(Format.short(minor: tick), x: left - 6, y: y(tick) + 4, anchor: .end)
        }
        for tick in x.ticks {
            svg.text(Format.short(minor: tick), x: x(tick), y: bottom + 20, anchor: .middle)
        }
        svg.path(pricing.curve.map { (x(Double($0.priceMinor)), y(Double($0.profitMinor))) }, style: "curve")
        let price = Double(pricing.recommendedPriceMinor)
        svg.line(x1: x(price), y1: top, x2: x(price), y2: bottom, style: "marker")
        svg.dot(
            x: x(price), y: y(Double(pricing.profitMinor)), style: "dot",
            title: "\(Format.short(minor: price)): \(Format.short(minor: Double(pricing.profitMinor)))")
        return Figure(id: id, title: title, description: description, svg)
    }
}

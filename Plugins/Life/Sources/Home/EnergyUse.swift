import PluginKit

/// Energy and its cost, exactly: power in milliwatts, time in minutes, prices in micros, one division at the end.
struct EnergyUse {
    /// Milliwatt-minutes in a kilowatt-hour.
    private static let perKwh: Int128 = 60_000_000

    /// Price of each minute of the day, and their running sum over two days.
    private let running: [Int128]
    private let dayPrice: Int128
    private let days: Int128
    private let microsPerMinor: Int128

    static func compute(_ input: EnergyUseInput) throws(TaskFailure) -> EnergyUseOutput {
        try Check.count(input.devices.count, "/devices", in: 1...1000)
        try Check.unique(input.devices.map(\.id), "/devices")
        let rule = try EnergyUse(input)
        var lines: [EnergyUseOutput.Line] = []
        var (energy, cost) = (Int128(0), Int128(0))
        var amounts: [Int128] = []
        for (index, device) in input.devices.enumerated() {
            let (line, used, price) = try rule.line(device, "/devices/\(index)")
            lines.append(line)
            amounts.append(used)
            energy += used
            cost += price
        }
        for index in lines.indices where energy > 0 {
            lines[index].shareOfKwh = Double(amounts[index]) / Double(energy)
        }
        let energyCost = try rule.minor(cost)
        let (standing, overflow) = (input.standingChargeMinorPerDay ?? 0).multipliedReportingOverflow(by: input.days)
        guard !overflow else { throw .invalid("/standing_charge_minor_per_day is too large") }
        let kwh = rule.kwh(energy)
        return EnergyUseOutput(
            lines: lines, kwh: kwh, energyCostMinor: energyCost, standingChargeMinor: standing,
            costMinor: try Money.sum(energyCost, standing, "the cost"),
            kgCO2: input.gramsCO2PerKwh.map { $0 * kwh / 1000 }, evidence: evidence(input))
    }

    private init(_ input: EnergyUseInput) throws(TaskFailure) {
        days = Int128(try Check.integer(input.days, "/days", in: 1...3660))
        let digits = try Check.integer(input.minorUnitDigits ?? 2, "/minor_unit_digits", in: 0...4)
        microsPerMinor = (digits..<6).reduce(1) { power, _ in power * 10 }
        try Check.integer(input.standingChargeMinorPerDay ?? 0, "/standing_charge_minor_per_day", in: 0...1_000_000)
        if let grams = input.gramsCO2PerKwh { try Check.number(grams, "/grams_co2_per_kwh", in: 0...3000) }
        try Check.count(input.prices.count, "/prices", in: 1...96)
        var bands: [(from: Int, price: Int)] = []
        for (index, band) in input.prices.enumerated() {
            let from = try Check.clock(band.from, "/prices/\(index)/from")
            try Check.integer(
                band.priceMicrosPerKwh, "/prices/\(index)/price_micros_per_kwh", in: -1_000_000_000...1_000_000_000)
            guard from < 1440, !bands.contains(where: { $0.from == from }) else {
                throw .invalid("/prices/\(index)/from: \(band.from) is no start of a band, or begins two")
            }
            bands.append((from, band.priceMicrosPerKwh))
        }
        bands.sort { $0.from < $1.from }
        var sums: [Int128] = [0]
        for minute in 0..<2880 {
            let band = bands.last { $0.from <= minute % 1440 } ?? bands[bands.count - 1]
            sums.append(sums[minute] + Int128(band.price))
        }
        running = sums
        dayPrice = sums[1440]
    }

    private func kwh(_ milliwattMinutes: Int128) -> Double { Double(milliwattMinutes) / Double(Self.perKwh) }

    /// `cost` is in milliwatts × micros × minutes × 1440.
    private func minor(_ cost: Int128) throws(TaskFailure) -> Int {
        try Money.rounded(cost, over: Self.perKwh * microsPerMinor * 1440, "the cost")
    }

    private func price(from start: Int, minutes: Int) -> Int128 { running[start + minutes] - running[start] }

    private func line(
        _ device: Device, _ pointer: String
    ) throws(TaskFailure) -> (EnergyUseOutput.Line, energy: Int128, cost: Int128) {
        let running = try milliwatts(device.watts, "\(pointer)/watts", most: 1e6)
        let standby = try milliwatts(device.standbyWatts ?? 0, "\(pointer)/standby_watts", most: 1e5)
        let minutes = try Check.integer(device.minutesPerDay, "\(pointer)/minutes_per_day", in: 0...1440)
        let idle = standby * Int128(1440 - minutes) * days
        let energy = running * Int128(minutes) * days + idle
        var line = EnergyUseOutput.Line(
            device: device.id, kwh: kwh(energy), costMinor: 0, shareOfKwh: 0, standbyKwh: kwh(idle), start: nil,
            savedMinor: nil)
        func cost(start: Int) -> Int128 {
            let active = price(from: start, minutes: minutes)
            return (running * active + standby * (dayPrice - active)) * days * 1440
        }
        var total: Int128
        if let start = try window(device, minutes, pointer) {
            let best = start.min { cost(start: $0 % 1440) < cost(start: $1 % 1440) } ?? start.lowerBound
            total = cost(start: best % 1440)
            line.start = Text.clock(best % 1440)
            if start.count > 1 { line.savedMinor = try minor(cost(start: start.lowerBound % 1440) - total) }
        } else {
            total = (running * Int128(minutes) + standby * Int128(1440 - minutes)) * dayPrice * days
        }
        line.costMinor = try minor(total)
        return (line, energy, total)
    }

    /// The minutes at which the device may start; nil: its use is spread over the day.
    private func window(_ device: Device, _ minutes: Int, _ pointer: String) throws(TaskFailure) -> ClosedRange<Int>? {
        if let text = device.start {
            guard device.earliest == nil, device.latest == nil else {
                throw .invalid("\(pointer): start is fixed, so earliest and latest must be absent")
            }
            let start = try Check.clock(text, "\(pointer)/start") % 1440
            return start...start
        }
        guard device.earliest != nil || device.latest != nil else { return nil }
        let earliest = try Check.clock(device.earliest ?? "00:00", "\(pointer)/earliest") % 1440
        var latest = try Check.clock(device.latest ?? "24:00", "\(pointer)/latest")
        if latest <= earliest { latest += 1440 }
        guard latest - earliest >= minutes else {
            throw .invalid(
                "\(pointer): \(minutes) minutes do not fit between earliest and latest (\(latest - earliest) minutes)")
        }
        return earliest...(latest - minutes)
    }

    private func milliwatts(_ watts: Double, _ pointer: String, most: Double) throws(TaskFailure) -> Int128 {
        Int128((try Check.number(watts, pointer, in: 0...most, "watts") * 1000).rounded())
    }

    private static func evidence(_ input: EnergyUseInput) -> Evidence {
        Evidence(
            inputs: [
                "\(input.devices.count) devices", "\(input.days) days", "\(input.prices.count) price bands",
            ],
            methods: [
                "energy = power × time; cost = energy × price of each minute, exact in integers, rounded once half "
                    + "away from zero",
                "cheapest start: every allowed minute is tried",
            ],
            assumptions: [
                "every day is the same", "power is constant while a device runs",
                "a device without start, earliest and latest is spread evenly over the day",
            ],
            uncertainty:
                "rated power is the most a device draws; a metered figure is often 30 to 70 % lower for heating, "
                + "cooling and electronics")
    }
}

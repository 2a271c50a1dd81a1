/// One line of a price file by column name.
struct PriceRowReader {
    let fields: [String: String]
    let line: Int

    func price() throws(PriceFileError) -> ModelPrice {
        let standard = TokenRates(
            input: PicodollarsPerToken(try required("input")), cachedRead: try rate("cached_read"),
            cacheWrite: try rate("cache_write_5m"), cacheWriteOneHour: try rate("cache_write_1h"),
            output: PicodollarsPerToken(try required("output")), reasoning: try rate("reasoning"))
        var price = ModelPrice(
            provider: try name("provider"), model: try name("model"), validFrom: try date("valid_from"),
            validUntil: try date("valid_until"), maximumInputTokens: try count("context_in"),
            maximumOutputTokens: try count("max_out"), standard: standard)
        if let from = price.validFrom, let until = price.validUntil, until <= from {
            throw error("valid_until is not after valid_from")
        }
        price.longContext = try longContext(over: standard)
        for service in [ServiceTier.batch, .flex, .priority] {
            price.services[service] = try variant("_\(service.rawValue)", over: standard)
        }
        price.offPeak = try offPeak(over: standard)
        price.webSearchFee = Picodollars(Int128(try number("web_search") ?? 0))
        price.callFee = Picodollars(Int128(try number("per_call") ?? 0))
        return price
    }

    private func longContext(over standard: TokenRates) throws(PriceFileError) -> LongContextTier? {
        guard let threshold = try count("tier_above") else { return nil }
        let input = PicodollarsPerToken(try required("input_above"))
        let write = try rate("cache_write_above")
        // Files name one write price above the threshold: the one-hour price rises by the same ratio as input does.
        let oneHour = standard.cacheWriteOneHour.scaled(by: input.value, over: standard.input.value)
        let rates = TokenRates(
            input: input, cachedRead: try rate("cached_read_above"),
            cacheWrite: write ?? standard.cacheWrite.scaled(by: input.value, over: standard.input.value),
            cacheWriteOneHour: oneHour, output: PicodollarsPerToken(try required("output_above")))
        let inclusive = try number("tier_inclusive") ?? 0
        guard inclusive <= 1 else { throw error("tier_inclusive is 0 or 1") }
        return LongContextTier(threshold: threshold, includesThreshold: inclusive == 1, rates: rates)
    }

    private func offPeak(over standard: TokenRates) throws(PriceFileError) -> OffPeakTier? {
        guard let text = filled("off_peak_hours") else { return nil }
        guard let hours = WeeklyHours(text) else { throw error("off_peak_hours \"\(text)\" cannot be read") }
        guard let rates = try variant("_off_peak", over: standard) else {
            throw error("off_peak_hours without input_off_peak")
        }
        return OffPeakTier(hours: hours, rates: rates)
    }

    /// Cached reads without a price of their own cost as much as input; cache writes follow input's ratio.
    private func variant(_ suffix: String, over standard: TokenRates) throws(PriceFileError) -> TokenRates? {
        guard let input = try rate("input" + suffix) else {
            guard filled("output" + suffix) == nil, filled("cached_read" + suffix) == nil else {
                throw error("input\(suffix) is missing")
            }
            return nil
        }
        return TokenRates(
            input: input, cachedRead: try rate("cached_read" + suffix),
            cacheWrite: standard.cacheWrite.scaled(by: input.value, over: standard.input.value),
            cacheWriteOneHour: standard.cacheWriteOneHour.scaled(by: input.value, over: standard.input.value),
            output: PicodollarsPerToken(try required("output" + suffix)))
    }

    private func filled(_ column: String) -> String? { fields[column].flatMap { $0.isEmpty ? nil : $0 } }

    private func name(_ column: String) throws(PriceFileError) -> String {
        guard let text = filled(column) else { throw error("\(column) is empty") }
        return text
    }

    private func number(_ column: String) throws(PriceFileError) -> UInt64? {
        guard let text = filled(column) else { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt64(text) else {
            throw error("\(column) \"\(text)\" is not a whole number of picodollars or tokens")
        }
        return number
    }

    private func required(_ column: String) throws(PriceFileError) -> UInt64 {
        guard let number = try number(column) else { throw error("\(column) is empty") }
        return number
    }

    private func rate(_ column: String) throws(PriceFileError) -> PicodollarsPerToken? {
        try number(column).map(PicodollarsPerToken.init)
    }

    private func count(_ column: String) throws(PriceFileError) -> Int64? {
        guard let number = try number(column) else { return nil }
        guard let count = Int64(exactly: number), count > 0 else { throw error("\(column) must be positive") }
        return count
    }

    private func date(_ column: String) throws(PriceFileError) -> Instant? {
        guard let text = filled(column) else { return nil }
        guard let date = CivilDate(text) else { throw error("\(column) \"\(text)\" is no date") }
        return Instant(unixMilliseconds: Int64(date.daysSinceEpoch) * 86_400_000)
    }

    private func error(_ message: String) -> PriceFileError { PriceFileError(message, line: line) }
}

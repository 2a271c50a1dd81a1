import Kernel

/// A hold with all that makes it a charge. What only reports and checks read is not read on a call's way.
struct ChargeRow {
    let hold: ReservationRow
    let heldAt: Instant
    let detail: ChargeDetail?
    /// Nil while it is open.
    let endedAt: Instant?
    /// As its end posted it, without later corrections.
    let cost: Nanodollars?
    let usage: ChargeUsage?

    /// From ``LedgerSQL/chargeColumns``.
    init(_ row: inout SQLRow) {
        hold = ReservationRow(&row)
        heldAt = row.instant()
        detail = Self.detail(&row)
        endedAt = row.optionalInstant()
        cost = row.optionalInteger().map(Nanodollars.init(_:))
        usage = Self.usage(&row)
    }

    private static func detail(_ row: inout SQLRow) -> ChargeDetail? {
        let source = row.optionalInteger(), provider = row.optionalText(), model = row.optionalText()
        let prices = row.optionalText()
        guard let source, let provider, let model, let prices else {
            if source != nil || provider != nil || model != nil || prices != nil { row.refuse() }
            return nil
        }
        guard let known = ChargeDetail.Source(rawValue: Int(source)), let basis = PriceBasis(prices) else {
            row.refuse()
            return nil
        }
        return ChargeDetail(source: known, provider: provider, model: model, prices: basis)
    }

    private static func usage(_ row: inout SQLRow) -> ChargeUsage? {
        let service = row.optionalText()
        let tokens = TokenUsage(
            input: row.optionalInteger(), cachedRead: row.optionalInteger(), cacheWrite: row.optionalInteger(),
            cacheWriteOneHour: row.optionalInteger(), output: row.optionalInteger(),
            reasoning: row.optionalInteger())
        let webSearches = row.optionalInteger(), fees = row.optionalInteger()
        guard let service, let webSearches, let fees else {
            if service != nil || webSearches != nil || fees != nil || tokens != TokenUsage() { row.refuse() }
            return nil
        }
        guard let tier = ServiceTier(rawValue: service) else {
            row.refuse()
            return nil
        }
        return ChargeUsage(service: tier, tokens: tokens, webSearches: webSearches, fees: Nanodollars(fees))
    }
}

extension ChargeDetail {
    /// The columns `source` to `prices`.
    static func columns(_ detail: ChargeDetail?) -> [SQLValue] {
        guard let detail else { return [.null, .null, .null, .null] }
        return [
            .int(detail.source.rawValue), .text(detail.provider), .text(detail.model),
            .text(detail.prices.description),
        ]
    }
}

extension ChargeUsage {
    /// The columns `service` to `fees`.
    static func columns(_ usage: ChargeUsage?) -> [SQLValue] {
        guard let usage else { return Array(repeating: .null, count: 9) }
        let tokens = usage.tokens
        return [
            .text(usage.service.rawValue), .optional(tokens.input), .optional(tokens.cachedRead),
            .optional(tokens.cacheWrite), .optional(tokens.cacheWriteOneHour), .optional(tokens.output),
            .optional(tokens.reasoning), .integer(usage.webSearches), .money(usage.fees),
        ]
    }
}

/// A charge as a row of the FinOps Open Cost and Usage Specification (FOCUS) 1.2: the columns that 1.0 and 1.2 ask
/// for, and this host's own with `x_`.
///
/// One call consumes tokens of several classes at several prices; what is priced as a whole is the call, so its cost is
/// its unit price. The classes stand in columns of their own. A period ends before its end.
package struct FocusRow {
    package static let columns = fields(of: nil).map(\.name)

    package let values: [String]

    package init(_ charge: Charge) { values = Self.fields(of: charge).map(\.value) }

    /// What was set aside and given back, or refused before it was sent, was not billed.
    package static func isRow(_ charge: Charge) -> Bool { charge.isCall && charge.end != .released }

    private typealias Field = (name: String, value: String)

    private static func fields(of charge: Charge?) -> [Field] {
        let period = Period(charge), cost = charge?.cost.decimal ?? ""
        let provider = CSVLine.name(charge?.detail?.provider ?? "unknown")
        let sku = charge?.detail.map { CSVLine.name("\($0.provider)/\($0.model)") } ?? "unknown"
        // With a point: some readers take a column of whole numbers for another type.
        let tokens = charge?.usage?.tokens.totalTokens.map { "\($0).0" } ?? ""
        let standard: [Field] = [
            ("AvailabilityZone", ""), ("BilledCost", cost), ("BillingAccountId", "organisation"),
            ("BillingAccountName", "Organisation"), ("BillingCurrency", "USD"),
            ("BillingPeriodEnd", period.billingEnd), ("BillingPeriodStart", period.billingStart),
            ("ChargeCategory", "Usage"), ("ChargeClass", ""), ("ChargeDescription", description(charge)),
            ("ChargeFrequency", "Usage-Based"), ("ChargePeriodEnd", period.end), ("ChargePeriodStart", period.start),
            ("CommitmentDiscountCategory", ""), ("CommitmentDiscountId", ""), ("CommitmentDiscountName", ""),
            ("CommitmentDiscountStatus", ""), ("CommitmentDiscountType", ""), ("ConsumedQuantity", tokens),
            ("ConsumedUnit", tokens.isEmpty ? "" : "Tokens"), ("ContractedCost", cost), ("ContractedUnitPrice", cost),
            ("EffectiveCost", cost), ("InvoiceIssuerName", provider), ("ListCost", cost), ("ListUnitPrice", cost),
            ("PricingCategory", "Standard"), ("PricingQuantity", "1.0"), ("PricingUnit", "Calls"),
            ("ProviderName", provider), ("PublisherName", provider),
            ("RegionId", ""), ("RegionName", ""), ("ResourceId", charge?.run.description ?? ""),
            ("ResourceName", charge?.task ?? ""), ("ResourceType", charge?.task == nil ? "Call" : "Run"),
            ("ServiceCategory", "AI and Machine Learning"), ("ServiceName", "Model calls"),
            ("ServiceSubcategory", "Generative AI"), ("SkuId", sku),
            ("SkuPriceId", "\(sku)/\(charge?.usage?.service.rawValue ?? ServiceTier.standard.rawValue)"),
            ("SubAccountId", subAccount(charge)), ("SubAccountName", charge?.department ?? ""),
            ("Tags", tags(charge)),
        ]
        return standard + ownFields(charge)
    }

    private static func ownFields(_ charge: Charge?) -> [Field] {
        let usage = charge?.usage, tokens = usage?.tokens
        func count(_ number: Int64?) -> String { number.map(String.init) ?? "" }
        return [
            ("x_AttemptId", charge?.attempt ?? ""), ("x_CachedReadTokens", count(tokens?.cachedRead)),
            ("x_CacheWriteTokens", count(tokens?.cacheWrite)),
            ("x_CacheWriteOneHourTokens", count(tokens?.cacheWriteOneHour)),
            ("x_Correction", charge.map { $0.correction.decimal } ?? ""), ("x_End", charge?.end.rawValue ?? ""),
            ("x_Fees", usage?.fees.decimal ?? ""), ("x_InputTokens", count(tokens?.input)),
            ("x_Model", CSVLine.name(charge?.detail?.model ?? "")), ("x_OutputTokens", count(tokens?.output)),
            ("x_Prices", charge?.detail?.prices.description ?? ""),
            ("x_ReasoningTokens", count(tokens?.reasoning)), ("x_ServiceTier", usage?.service.rawValue ?? ""),
            ("x_WebSearches", count(usage?.webSearches)),
        ]
    }

    private static func description(_ charge: Charge?) -> String {
        guard let charge else { return "" }
        let what = charge.detail.map { "\($0.model) at \($0.provider)" } ?? "a model call of before models were kept"
        let prices =
            switch charge.detail?.prices {
            case .assumed: ", by an assumed price"
            case .free: ", free"
            case .book, nil: ""
            }
        return CSVLine.name("\(what)\(prices)\(charge.end == .ambiguous ? ", at its upper bound" : "")")
    }

    private static func subAccount(_ charge: Charge?) -> String {
        [charge?.tenant, charge?.department].compactMap { $0 }.joined(separator: "/")
    }

    private static func tags(_ charge: Charge?) -> String {
        guard let charge else { return "" }
        let tags: [(String, String?)] = [
            ("tenant", charge.tenant), ("department", charge.department), ("agent", charge.agent),
            ("user", charge.user), ("run", charge.run.description), ("task", charge.task),
            ("source", charge.detail?.source.name),
        ]
        let present = tags.compactMap { name, value in value.map { (name, JSONValue.string($0)) } }
        return JSONValue.object(Dictionary(uniqueKeysWithValues: present)).serialized()
    }

    /// Whole seconds, UTC; the billing period is the month of the hold.
    private struct Period {
        var start = ""
        var end = ""
        var billingStart = ""
        var billingEnd = ""

        init(_ charge: Charge?) {
            guard let charge else { return }
            let first = TimeZoneRules.utc.date(at: charge.heldAt).month(offset: 0, anchor: 1)
            let closes = TimeZoneRules.utc.start(of: first.month(offset: 1, anchor: 1))
            let ends = min(charge.endedAt.advanced(byMilliseconds: 1_000), closes)
            start = Self.text(charge.heldAt)
            end = Self.text(ends)
            billingStart = Self.text(TimeZoneRules.utc.start(of: first))
            billingEnd = Self.text(closes)
        }

        private static func text(_ instant: Instant) -> String {
            let date = TimeZoneRules.utc.date(at: instant)
            let second = (instant.unixMilliseconds - TimeZoneRules.utc.start(of: date).unixMilliseconds) / 1_000
            func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return "\(date)T\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
        }
    }
}

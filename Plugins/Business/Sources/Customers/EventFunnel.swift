package import PluginKit

/// How far customers come through an ordered list of steps.
package enum EventFunnel {
    package static func evaluate(_ input: EventFunnelInput) throws(TaskFailure) -> EventFunnelOutput {
        guard input.steps.count >= 2, Set(input.steps).count == input.steps.count else {
            throw .invalid("/steps: at least two, each once")
        }
        if let window = input.windowSeconds, window <= 0 { throw .invalid("/window_seconds: must be above 0") }
        if let index = input.events.firstIndex(where: { $0.second.magnitude > 1_000_000_000_000 }) {
            throw .invalid("/events/\(index)/second: must lie within ±10^12")
        }
        var byCustomer: [String: [FunnelEvent]] = [:]
        for event in input.events { byCustomer[event.customer, default: []].append(event) }
        var reached = Array(repeating: 0, count: input.steps.count)
        var gaps: [[Double]] = Array(repeating: [], count: input.steps.count)
        for events in byCustomer.values {
            let times = furthest(events, input)
            for (step, time) in times.enumerated() {
                reached[step] += 1
                if step > 0 { gaps[step].append(Double(time - times[step - 1])) }
            }
        }
        guard reached[0] > 0 else { throw .invalid("/events: nobody did the first step, \(input.steps[0])") }
        let z = Distributions.normalQuantile((1 + (input.confidence ?? 0.95)) / 2)
        let steps = input.steps.indices.map { step in
            let before = step == 0 ? reached[0] : reached[step - 1]
            let share = Proportion(reached[step], of: before)
            return FunnelStep(
                step: input.steps[step], customers: reached[step],
                shareOfFirst: Double(reached[step]) / Double(reached[0]), conversion: share.rate,
                interval: share.wilson(z: z), lost: before - reached[step], medianSeconds: median(gaps[step]))
        }
        let worst = steps.max { $0.lost < $1.lost }
        return EventFunnelOutput(
            steps: steps, conversion: steps[steps.count - 1].shareOfFirst,
            largestLoss: worst.flatMap { $0.lost > 0 ? $0.step : nil }, evidence: evidence(input, byCustomer.count))
    }

    /// Times of the furthest way through the steps that the window allows; of several as far, the earliest. Each
    /// first step is tried as the start, and from it each next step as early as it comes.
    private static func furthest(_ events: [FunnelEvent], _ input: EventFunnelInput) -> [Int] {
        let index = Dictionary(zip(input.steps, input.steps.indices), uniquingKeysWith: { first, _ in first })
        // Of events at the same second the earlier step goes first.
        let known = events.compactMap { event in index[event.step].map { (second: event.second, step: $0) } }
            .sorted { $0 < $1 }
        // chains[s]: the latest start of a way that has reached step s, with its times. A later start leaves more of
        // the window, so no other way needs to be remembered.
        var chains: [[Int]?] = Array(repeating: nil, count: input.steps.count), best: [Int] = []
        for event in known {
            var candidate: [Int]?
            if event.step == 0 {
                candidate = [event.second]
            } else if let chain = chains[event.step - 1], let start = chain.first,
                input.windowSeconds.map({ event.second - start <= $0 }) ?? true
            {
                candidate = chain + [event.second]
            }
            guard let way = candidate else { continue }
            if way.count > best.count { best = way }
            // With a window the latest start reaches furthest; without one the earliest times tell how long it takes.
            if chains[event.step] == nil || input.windowSeconds != nil { chains[event.step] = way }
        }
        return best
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted(), middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    private static func evidence(_ input: EventFunnelInput, _ customers: Int) -> Evidence {
        Evidence(
            method: "ordered funnel: a step counts if all steps before were done before, within the window",
            source: "Wilson 1927 for the intervals",
            inputs: ["\(input.events.count) events of \(customers) customers"],
            assumptions: ["steps of the same second happened in the order of the funnel"],
            uncertainty: "customers who are still on their way count as lost")
    }
}

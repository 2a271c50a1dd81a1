import PluginKit

enum ReviewPlan {
    static func make(_ input: ReviewInput) throws(TaskFailure) -> ReviewOutput {
        try Check.count(input.cards.count, "/cards", in: 1...20_000)
        try Check.unique(input.cards.map(\.id), "/cards")
        let today = try Check.date(input.asOf, "/as_of")
        let rules = try Rules(input)
        var states: [(state: ReviewOutput.State, due: Int?)] = []
        for (index, card) in input.cards.enumerated() {
            let reviews = try read(card, rules.algorithm, today, "/cards/\(index)")
            states.append(rules.state(card.id, reviews, today))
        }
        let learnt = states.compactMap(\.state.retrievability)
        return ReviewOutput(
            algorithm: rules.algorithm, asOf: input.asOf, cards: states.map(\.state),
            queue: try queue(input, states, today),
            dueCount: states.count { $0.due.map { $0 <= today.dayNumber } ?? false },
            overdueCount: states.count { $0.due.map { $0 < today.dayNumber } ?? false },
            newCount: states.count { $0.state.isNew }, forecast: try forecast(input, states.compactMap(\.due), today),
            expectedRecalled: learnt.isEmpty ? nil : learnt.reduce(0, +),
            evidence: evidence(input, rules))
    }

    struct Rules {
        let algorithm: ReviewInput.Algorithm
        let fsrs: FSRS
        let retention: Double
        let maximum: Int
        let keepsEasinessOnLapse: Bool

        init(_ input: ReviewInput) throws(TaskFailure) {
            algorithm = input.algorithm ?? .fsrs
            keepsEasinessOnLapse = input.keepEasinessOnLapse ?? false
            retention = try Check.number(input.desiredRetention ?? 0.9, "/desired_retention", in: 0.7...0.99)
            maximum = try Check.integer(input.maximumIntervalDays ?? 36_500, "/maximum_interval_days", in: 1...36_500)
            if let weights = input.weights {
                try Check.count(weights.count, "/weights", in: 21...21)
                for (index, limits) in FSRS.weightLimits.enumerated() {
                    try Check.number(weights[index], "/weights/\(index)", in: limits)
                }
            }
            fsrs = FSRS(weights: input.weights ?? FSRS.defaultWeights)
        }

        func state(
            _ id: String, _ reviews: [(day: Int, grade: Int)], _ today: CivilDate
        ) -> (ReviewOutput.State, due: Int?) {
            var state = ReviewOutput.State(
                card: id, due: nil, intervalDays: nil, isNew: reviews.isEmpty, lapses: 0, easiness: nil,
                stabilityDays: nil, difficulty: nil, retrievability: nil)
            guard let last = reviews.last else { return (state, nil) }
            switch algorithm {
            case .sm2:
                var item = SM2()
                for review in reviews {
                    item.review(quality: review.grade, keepsEasinessOnLapse: keepsEasinessOnLapse)
                }
                state.easiness = item.easiness
                state.lapses = item.lapses
                state.intervalDays = min(maximum, item.intervalDays)
            case .fsrs:
                guard let memory = memory(reviews) else { return (state, nil) }
                state.stabilityDays = memory.stability
                state.difficulty = memory.difficulty
                state.lapses = reviews.dropFirst().count { $0.grade == 1 }
                state.retrievability = fsrs.retrievability(memory, afterDays: today.dayNumber - last.day)
                state.intervalDays = fsrs.intervalDays(
                    stability: memory.stability, retention: retention, maximum: maximum)
            }
            let due = last.day + (state.intervalDays ?? 1)
            state.due = CivilDate(dayNumber: due).text
            return (state, due)
        }

        private func memory(_ reviews: [(day: Int, grade: Int)]) -> FSRS.Memory? {
            var memory: FSRS.Memory?
            var previous = 0
            for review in reviews {
                guard let rating = FSRS.Rating(rawValue: review.grade) else { return nil }
                memory = memory.map { fsrs.next($0, rating, afterDays: review.day - previous) } ?? fsrs.first(rating)
                previous = review.day
            }
            return memory
        }
    }

    private static func read(
        _ card: Card, _ algorithm: ReviewInput.Algorithm, _ today: CivilDate, _ pointer: String
    ) throws(TaskFailure) -> [(day: Int, grade: Int)] {
        try Check.count(card.reviews.count, "\(pointer)/reviews", in: 0...2000)
        var read: [(day: Int, grade: Int)] = []
        for (index, review) in card.reviews.enumerated() {
            let place = "\(pointer)/reviews/\(index)"
            let day = try Check.date(review.date, "\(place)/date").dayNumber
            guard day >= read.last?.day ?? day else { throw .invalid("\(place)/date is before the review above it") }
            guard day <= today.dayNumber else { throw .invalid("\(place)/date lies after /as_of") }
            try Check.integer(review.grade, "\(place)/grade", in: algorithm == .sm2 ? 0...5 : 1...4)
            read.append((day, review.grade))
        }
        return read
    }

    /// Reviews by the chance that they are forgotten (FSRS) or by how late they are for their interval (SM-2), then new
    /// cards in their order.
    private static func queue(
        _ input: ReviewInput, _ states: [(state: ReviewOutput.State, due: Int?)], _ today: CivilDate
    ) throws(TaskFailure) -> [String] {
        let reviews = try Check.integer(input.reviewsPerDay ?? 200, "/reviews_per_day", in: 0...9999)
        let new = try Check.integer(input.newCardsPerDay ?? 20, "/new_cards_per_day", in: 0...9999)
        func urgency(_ entry: (state: ReviewOutput.State, due: Int?)) -> Double {
            if let recall = entry.state.retrievability { return 1 - recall }
            let late = Double(today.dayNumber - (entry.due ?? 0))
            return late / Double(max(1, entry.state.intervalDays ?? 1))
        }
        let due = states.enumerated().filter { $0.element.due.map { $0 <= today.dayNumber } ?? false }
        let sorted = due.map { (offset: $0.offset, urgency: urgency($0.element)) }.sorted {
            $0.urgency != $1.urgency ? $0.urgency > $1.urgency : $0.offset < $1.offset
        }
        return sorted.prefix(reviews).map { states[$0.offset].state.card }
            + states.filter(\.state.isNew).prefix(new).map(\.state.card)
    }

    private static func forecast(_ input: ReviewInput, _ due: [Int], _ today: CivilDate) throws(TaskFailure) -> [Int] {
        let days = try Check.integer(input.forecastDays ?? 30, "/forecast_days", in: 1...366)
        var counts = [Int](repeating: 0, count: days)
        for day in due where day - today.dayNumber < days { counts[max(0, day - today.dayNumber)] += 1 }
        return counts
    }

    private static func evidence(_ input: ReviewInput, _ rules: Rules) -> Evidence {
        let isFSRS = rules.algorithm == .fsrs
        return Evidence(
            inputs: [
                "\(input.cards.count) cards", "\(input.cards.reduce(0) { $0 + $1.reviews.count }) reviews",
                isFSRS ? "retention \(Text.number(rules.retention))" : "",
                isFSRS ? (input.weights == nil ? "published FSRS-6 weights" : "weights of the caller") : "",
            ].filter { !$0.isEmpty },
            methods: [
                isFSRS
                    ? "FSRS-6: Ye, Su & Cao 2022, KDD; The Algorithm, open-spaced-repetition"
                    : "SM-2: Woźniak 1990, Optimization of learning, section 3.2; intervals round up"
            ],
            assumptions: [
                "whole days count; steps of minutes on the first day are not modelled",
                isFSRS
                    ? "the published weights are an average over many learners"
                    : rules.keepsEasinessOnLapse
                        ? "grades under 3 leave the E-factor alone (step 6 of the text)"
                        : "the E-factor changes with every answer, wrong ones too, as most programs do it",
            ],
            uncertainty: isFSRS
                ? "predicted recall of one card is rough; over many cards it calibrates to a few percent"
                : "SM-2 predicts no chance of recall")
    }
}

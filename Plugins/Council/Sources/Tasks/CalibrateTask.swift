package import PluginKit

/// How good the executives' probabilities were, from what happened since.
package struct CalibrateInput: Codable, Sendable, SchemaDescribing {
    package struct Forecast: Codable, Sendable {
        package var executive: String
        /// That what was asked for would happen.
        package var probability: Double
        package var happened: Bool

        package init(executive: String, probability: Double, happened: Bool) {
            self.executive = executive
            self.probability = probability
            self.happened = happened
        }
    }

    package var forecasts: [Forecast]

    package init(forecasts: [Forecast]) { self.forecasts = forecasts }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("forecasts", "Each with what happened.", minItems: 1, maxItems: 1_000_000)
    }
}

package struct CalibrateOutput: Codable, Sendable {
    package struct Bin: Codable, Sendable {
        package var count: Int
        package var meanForecast: Double
        package var frequency: Double

        enum CodingKeys: String, CodingKey {
            case count, frequency
            case meanForecast = "mean_forecast"
        }
    }

    package struct Record: Codable, Sendable {
        package var executive: String
        package var forecasts: Int
        package var brier: Double
        package var reliability: Double
        package var resolution: Double
        package var uncertainty: Double
        /// Of the Brier score against always saying how often it happens: 1 is perfect, below 0 is worse than that.
        /// Absent where it always, or never, happened.
        package var skill: Double?
        package var bins: [Bin]
    }

    /// Best Brier score first.
    package var executives: [Record]
}

extension CalibrateInput {
    package func judged() throws(TaskFailure) -> CalibrateOutput {
        for (index, forecast) in forecasts.enumerated() where !(0...1).contains(forecast.probability) {
            throw .invalid("/forecasts/\(index)/probability: \(forecast.probability) is not between 0 and 1")
        }
        let groups = Dictionary(grouping: forecasts, by: \.executive).sorted { $0.key < $1.key }
        let records = groups.map { name, own in
            let result = Calibration(own.map { ($0.probability, $0.happened) })
            return CalibrateOutput.Record(
                executive: name, forecasts: own.count, brier: result.brier, reliability: result.reliability,
                resolution: result.resolution, uncertainty: result.uncertainty,
                skill: result.uncertainty > 0 ? 1 - result.brier / result.uncertainty : nil,
                bins: result.bins.map {
                    CalibrateOutput.Bin(count: $0.count, meanForecast: $0.meanForecast, frequency: $0.frequency)
                })
        }
        return CalibrateOutput(executives: records.sorted { $0.brier < $1.brier })
    }
}

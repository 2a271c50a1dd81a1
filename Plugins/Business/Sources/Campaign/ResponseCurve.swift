import Glibc
import PluginKit

/// Conversions by spend, concave: each further unit brings less.
struct ResponseCurve {
    let model: ResponseModel
    let scale: Double
    let exponent: Double
    let halfway: Double
    let rSquared: Double?

    init(_ channel: Channel, at pointer: String) throws(TaskFailure) {
        guard let model = channel.model else {
            guard channel.scale == nil, channel.exponent == nil, channel.halfwayMinor == nil else {
                throw .invalid("\(pointer)/model: say which one the given parameters are for")
            }
            self = try Self.fitted(channel.history ?? [], at: pointer)
            return
        }
        self.model = model
        guard let scale = channel.scale, scale > 0, scale.isFinite else {
            throw .invalid("\(pointer)/scale: must be above 0")
        }
        let exponent = channel.exponent ?? (model == .hill ? 1 : 0)
        switch model {
        case .power where !(exponent > 0 && exponent < 1):
            throw .invalid("\(pointer)/exponent: must lie between 0 and 1; from 1 on returns would not diminish")
        case .hill where !(exponent > 0 && exponent <= 1):
            throw .invalid("\(pointer)/exponent: must lie above 0 and be at most 1")
        case .saturating where channel.exponent != nil:
            throw .invalid("\(pointer)/exponent: saturating has none")
        default: break
        }
        guard model == .power || (channel.halfwayMinor ?? 0) > 0 else {
            throw .invalid("\(pointer)/halfway_minor: \(model.rawValue) needs one, above 0")
        }
        self.scale = scale
        self.exponent = exponent
        halfway = Double(channel.halfwayMinor ?? 0)
        rSquared = nil
    }

    private init(scale: Double, exponent: Double, rSquared: Double) {
        (model, self.scale, self.exponent, halfway, self.rSquared) = (.power, scale, exponent, 0, rSquared)
    }

    /// Least squares of ln conversions on ln spend.
    private static func fitted(_ history: [ChannelPeriod], at pointer: String) throws(TaskFailure) -> ResponseCurve {
        let points = history.filter { $0.spendMinor > 0 && $0.conversions > 0 }
            .map { (x: log(Double($0.spendMinor)), y: log($0.conversions)) }
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.x } / count, meanY = points.reduce(0) { $0 + $1.y } / count
        let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        guard points.count >= 3, spread > 1e-9 else {
            throw .invalid("\(pointer)/history: a fit needs three periods with different spend and some conversions")
        }
        let slope = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
        guard slope > 0, slope < 1 else {
            throw .invalid(
                "\(pointer)/history: conversions go with spend to the power of \(Format.number(slope, 2)), which is no"
                    + " diminishing return; give a model")
        }
        let total = points.reduce(0) { $0 + ($1.y - meanY) * ($1.y - meanY) }
        let left = points.reduce(0) { sum, point in
            let error = point.y - meanY - slope * (point.x - meanX)
            return sum + error * error
        }
        return ResponseCurve(
            scale: exp(meanY - slope * meanX), exponent: slope, rSquared: total > 0 ? 1 - left / total : 1)
    }

    func conversions(_ spend: Double) -> Double {
        guard spend > 0 else { return 0 }
        switch model {
        case .power: return scale * pow(spend, exponent)
        case .saturating: return scale * -expm1(-spend / halfway * M_LN2)
        case .hill:
            let ratio = pow(spend / halfway, exponent)
            return scale * ratio / (1 + ratio)
        }
    }

    /// Conversions for one more minor unit; infinite at 0 where the curve rises like a wall.
    func slope(_ spend: Double) -> Double {
        switch model {
        case .power: return spend > 0 ? scale * exponent * pow(spend, exponent - 1) : .infinity
        case .saturating: return scale * M_LN2 / halfway * exp(-spend / halfway * M_LN2)
        case .hill:
            guard spend > 0 else { return exponent < 1 ? .infinity : scale / halfway }
            let ratio = pow(spend / halfway, exponent)
            return scale * exponent * ratio / (spend * (1 + ratio) * (1 + ratio))
        }
    }

    /// The spend within `range` at which the slope is `wanted`: slopes fall, so by halving.
    func spend(slope wanted: Double, in range: ClosedRange<Double>) -> Double {
        if slope(range.lowerBound) <= wanted { return range.lowerBound }
        if slope(range.upperBound) >= wanted { return range.upperBound }
        var low = range.lowerBound, high = range.upperBound
        for _ in 0..<200 {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { break }
            if slope(middle) > wanted { low = middle } else { high = middle }
        }
        return low + (high - low) / 2
    }
}

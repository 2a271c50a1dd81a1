import Glibc

/// Great-circle distance on a sphere (Sinnott 1984, Sky & Telescope 68:159).
enum Haversine {
    /// Mean radius of the Earth, IUGG (Moritz 2000).
    static let earthRadiusKm = 6371.0088

    static func kilometres(
        _ from: (latitude: Double, longitude: Double), _ to: (latitude: Double, longitude: Double)
    ) -> Double {
        let radians = Double.pi / 180
        let north = sin((to.latitude - from.latitude) * radians / 2)
        let east = sin((to.longitude - from.longitude) * radians / 2)
        let half =
            north * north + cos(from.latitude * radians) * cos(to.latitude * radians) * east * east
        return 2 * earthRadiusKm * asin(min(1, max(0, half).squareRoot()))
    }
}

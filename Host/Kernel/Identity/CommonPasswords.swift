/// Passwords that people choose most often, in lower case: of the frequency list of zxcvbn (Dropbox, MIT licence),
/// the first 2,600, and of the others those with 10 characters or more.
enum CommonPasswords {
    static let maximumBytes = 40

    static func contains(_ password: String) -> Bool {
        password.utf8.count <= maximumBytes && all.contains(password)
    }

    static let all = Set((firstHalf + " " + secondHalf).split(whereSeparator: \.isWhitespace).map(String.init))
}

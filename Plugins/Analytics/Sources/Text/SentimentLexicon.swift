/// The lexicon of VADER 3.3.2 (Hutto and Gilbert 2014): 7,502 words and emoticons, rated by ten people from −4 to 4.
/// Left out are its four entries with a blank inside, which no token can match.
///
/// Copyright (c) 2016 C.J. Hutto, MIT licence; the text is in the department's README.
enum SentimentLexicon {
    static let valences: [String: Double] = {
        var result: [String: Double] = [:]
        for line in (negative + "\n" + positive).split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard let first = parts.first, let tenths = Int(first.dropLast()) else { continue }
            for word in parts.dropFirst() { result[String(word)] = Double(tenths) / 10 }
        }
        return result
    }()

    static let negations: Set<String> = Set(
        """
        aint arent cannot cant couldnt darent didnt doesnt ain't aren't can't couldn't daren't didn't doesn't dont \
        hadnt hasnt havent isnt mightnt mustnt neither don't hadn't hasn't haven't isn't mightn't mustn't neednt \
        needn't never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh wasnt werent oughtn't shan't \
        shouldn't uh-uh wasn't weren't without wont wouldnt won't wouldn't rarely seldom despite
        """.split(separator: " ").map(String.init))

    private static let boosting =
        """
        absolutely amazingly awfully completely considerable considerably decidedly deeply effing enormous enormously \
        entirely especially exceptional exceptionally extreme extremely fabulously flipping flippin frackin fracking \
        fricking frickin frigging friggin fully fuckin fucking fuggin fugging greatly hella highly hugely incredible \
        incredibly intensely major majorly more most particularly purely quite really remarkably so substantially \
        thoroughly total totally tremendous tremendously uber unbelievably unusually utter utterly very
        """

    private static let damping =
        """
        almost barely hardly kinda kindof kind-of less little marginal marginally occasional occasionally partly \
        scarce scarcely slight slightly somewhat sorta sortof sort-of
        """

    /// How much a word before another raises or lowers it.
    static let degrees: [String: Double] = {
        var result = ["just enough": -0.293, "kind of": -0.293, "sort of": -0.293]
        for word in boosting.split(separator: " ") { result[String(word)] = 0.293 }
        for word in damping.split(separator: " ") { result[String(word)] = -0.293 }
        return result
    }()

    static let idioms: [String: Double] = [
        "the shit": 3, "the bomb": 3, "bad ass": 1.5, "badass": 1.5, "bus stop": 0, "yeah right": -2,
        "kiss of death": -1.5, "to die for": 3, "beating heart": 3.5,
    ]
}

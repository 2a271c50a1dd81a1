/// Words that carry no topic: articles, pronouns, prepositions, auxiliaries, common verbs and adverbs. They part
/// candidate phrases and are left out of queries.
enum StopWords {
    static func contains(_ word: String) -> Bool { all.contains(word) }

    private static let all = Set(
        """
        a about above across after again against ago all almost along already also although always am among an and \
        another any anybody anyone anything are aren't around as ask asked asks at away back be became because become \
        been before began behind being below besides between both but by came can cannot can't come comes could \
        couldn't currently day days did didn't do does doesn't doing don't done down during each either else end \
        enough especially etc even ever every everybody everyone everything except few first for found from full \
        further gave get gets getting give given gives go goes going gone good got great had hadn't half has hasn't \
        have haven't having he her here hers herself him himself his how however i i'd i'll i'm i've if in inside \
        instead into is isn't it it'd it'll it's its itself just keep keeps kept kind know known knows last later \
        least less let like likely little long lot lots made mainly make makes making many may maybe me mean means \
        might mine more most mostly much must my myself near nearly need neither never new next no nobody none nor \
        not nothing now of off often old on once one ones only onto or other others our ours ourselves out outside \
        over own part per perhaps put quite rather really s said same saw say says see seem seems seen several shall \
        she should shouldn't show shows since so some somebody someone something sometimes soon still such sure take \
        taken takes tell tells than that that's the their theirs them themselves then there there's therefore these \
        they they're thing things think thinks this those though three through thus time times to today together told \
        too took toward towards true try trying two under unless until up upon us use used uses using usually very \
        via was wasn't way ways we we'd we'll we're we've well went were weren't what whatever when where whether \
        which while who whole whom whose why will with within without won't would wouldn't year years yes yet you \
        you're your yours yourself
        """.split(separator: " ").map(String.init))
}

/// What people say when they mean one of the departments that companies have, whether or not it is installed. A
/// manifest adds its own words.
enum PlannerVocabulary {
    /// Words and phrases by department; commas part them.
    static let departments: [(name: String, phrases: String)] = [
        (
            "analytics",
            """
            metric, dashboard, chart, kpi, cohort, anomaly, forecast, regression, correlation, statistic, \
            dataset, segment, experiment, a b test, visualize, visualise, histogram, time series, outlier, retention, \
            data quality
            """
        ),
        (
            "business",
            """
            marketing, sale, strategy, launch, pricing, price, customer, funnel, campaign, lead, crm, \
            churn, go to market, brand, growth, partnership, pitch, conversion, demand, business model, \
            product idea, value proposition, promotion, subscription, positioning
            """
        ),
        (
            "council",
            """
            decide, decision, vote, council, executive, choose, consensus, dilemma, board, option, weigh, \
            criteria, trade off, which one, approve the proposal, alternative
            """
        ),
        (
            "engineering",
            """
            code, test, testing, deploy, deployment, infrastructure, repository, git, bug, refactor, build, \
            pipeline, api, architecture, critical path, milestone, dependency, release, pull request, \
            software, database, server, docker, kubernetes, latency, unit test, continuous integration, \
            codebase, commit, technical debt, project schedule, work breakdown
            """
        ),
        (
            "finance",
            """
            finance, financial, investment, invest, bill, budget, budgeting, trading, stock, portfolio, \
            cash flow, profit, npv, net present value, irr, rate of return, payback, discount rate, \
            interest, loan, invoice, tax, accounting, break even, dividend, expense, saving, depreciation, \
            balance sheet, mortgage, business case, cost of capital
            """
        ),
        (
            "life",
            """
            health, wellness, nutrition, meal, diet, recipe, sleep, exercise, workout, fitness, home, \
            chore, household, grocery, transport, commute, route, trip, learn, learning, study, habit, \
            calorie, meal plan, flashcard, vocabulary, family, weekend, vacation, dinner
            """
        ),
        (
            "research",
            """
            research, trend, market research, market gap, survey, literature, paper, evidence, source, \
            search, find, discover, analyse, analyze, analysis, investigate, investigation, document, unmet \
            need, tool, quote, passage, interview
            """
        ),
        (
            "safety",
            """
            security, sweep, compliance, incident, threat, vulnerability, breach, audit, fire, alarm, \
            monitoring, hazard, emergency, gdpr, phishing, malware, cve, access review, intrusion, \
            password, safety, evacuation, penetration test
            """
        ),
    ]

    /// What every department does or has at times: they speak less for the one that does it most.
    static let common: Set<String> = [
        "analyse", "analysis", "analyze", "build", "customer", "find", "search", "server", "test", "tool",
    ]

    /// They say nothing about what is meant.
    static let fillers: Set<String> = [
        "a", "an", "and", "any", "are", "as", "at", "be", "between", "by", "each", "for", "from", "i", "in", "into",
        "is", "it", "its", "me", "my", "no", "nobody", "of", "on", "one", "or", "our", "out", "several", "that", "the",
        "them", "this", "to", "us", "we", "what", "with", "you", "your", "do", "does", "please", "how", "can", "will",
        "all", "new", "good", "need", "want", "make", "some", "than", "none", "per", "their",
    ]
}

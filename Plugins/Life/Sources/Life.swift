package import PluginKit

/// The personal side: health, nutrition, home, transport, learning, and a day that puts them together.
///
/// Task names are the area and the task: `/life/health/wellness_daily` is `health.wellness_daily`.
package struct Life: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.life",
        department: "life",
        version: "1.0.0",
        title: "Life",
        summary: "Energy need, training, sleep, meals, chores, energy use, routes, learning and the plan of a day.",
        wants: Wants(models: [], tools: [], hosts: [], departments: []))

    package static let tasks: [TaskDefinition<Life>] =
        health + household + [
            computing("day_plan", "Plans a day: appointments, meals, errands, chores, cards and ways.", DayPlan.make)
        ]

    private static let health: [TaskDefinition<Life>] = [
        .task("health.wellness_daily", summary: "A daily look at sleep, training, movement and mood.") {
            (_: Life, input: WellnessInput, context: TaskContext) async throws -> WellnessOutput in
            try await WellnessTask.run(input, context)
        },
        computing("health.energy_need", "Energy need of a body at rest and in a day, by six equations.") {
            (input: EnergyNeedInput) throws(TaskFailure) in try EnergyNeed.estimate(input)
        },
        computing(
            "health.training_load", "Training load, acute:chronic ratio, monotony and form.", TrainingLoad.analyse),
        computing("health.sleep", "Sleep need and debt, regularity index, social jet lag.", Sleep.analyse),
        computing("nutrition.diet", "The cheapest amounts of foods that meet a day's needs.", Diet.solve),
        computing("nutrition.meal_plan", "The cheapest menu of dishes that meets every day's needs.", MealPlan.solve),
    ]

    private static let household: [TaskDefinition<Life>] = [
        computing("home.chores", "Shares recurring chores among people and days.", ChoreSchedule.make),
        computing(
            "home.energy_use", "Energy and cost of devices, and the cheapest time to start them.", EnergyUse.compute),
        computing("transport.route", "The shortest, fastest or cheapest way on a road network.", Route.find),
        computing("transport.tour", "The best order of stops by matrix, roads or coordinates.", Tour.find),
        computing("learning.review", "What to review when, by FSRS-6 or SM-2.", ReviewPlan.make),
    ]

    package init(configuration: Configuration) throws {}

    /// A task that only computes: one recorded step.
    private static func computing<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, _ summary: String,
        _ compute: @escaping @Sendable (Input) throws(TaskFailure) -> Output
    ) -> TaskDefinition<Life> {
        .task(name, summary: summary, timeoutSeconds: 120) {
            (_: Life, input: Input, context: TaskContext) async throws -> Output in
            try await context.step("compute", dependsOn: input) { try compute(input) }
        }
    }
}

package import PluginKit

/// Customers month by month: those who stay, and those who come.
package enum Funnel {
    package static func run(_ input: FunnelInput) throws(TaskFailure) -> FunnelOutput {
        let stages = adjusted(input)
        let conversion = stages.reduce(1) { $0 * $1.rate }
        var visitors = input.visitorsPerMonth, customers = input.initialCustomers ?? 0
        var months: [FunnelMonth] = [], spend = 0.0, won = 0.0
        for month in 1...input.months {
            let new = visitors * conversion
            customers = customers * (1 - input.monthlyChurn) + new
            let cost = try Amount.rounded(visitors * Double(input.costPerVisitorMinor))
            months.append(
                FunnelMonth(
                    month: month, visitors: visitors, newCustomers: new, customers: customers, spendMinor: cost))
            spend += Double(cost)
            won += new
            visitors *= 1 + (input.visitorGrowth ?? 0)
        }
        var reached = input.visitorsPerMonth
        let reach = stages.map { stage in
            reached *= stage.rate
            return StageReach(name: stage.name, rate: stage.rate, reached: reached)
        }
        var output = FunnelOutput(conversion: conversion, stages: reach, months: months)
        try addUnitEconomics(&output, input, costOfCustomer: won > 0 ? spend / won : nil)
        return output
    }

    /// The demand factor acts on the last stage, where the price is seen; a stage keeps at most everybody.
    private static func adjusted(_ input: FunnelInput) -> [FunnelStage] {
        var stages = input.stages
        if let factor = input.demandFactor, let last = stages.indices.last {
            stages[last].rate = min(1, stages[last].rate * factor)
        }
        return stages
    }

    private static func addUnitEconomics(
        _ output: inout FunnelOutput, _ input: FunnelInput, costOfCustomer: Double?
    ) throws(TaskFailure) {
        let contribution = Double(input.priceMinor - input.unitCostMinor)
        let value = input.monthlyChurn > 0 ? contribution / input.monthlyChurn : nil
        if let value { output.lifetimeValueMinor = try Amount.rounded(value) }
        guard let cost = costOfCustomer else { return }
        output.acquisitionCostMinor = try Amount.rounded(cost)
        if cost > 0, let value { output.valueToCost = value / cost }
        if contribution > 0 { output.paybackMonths = cost / contribution }
    }
}

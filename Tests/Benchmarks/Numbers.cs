namespace Benchmarks;

/// <summary>What is made of many measurements.</summary>
static class Numbers
{
    /// <summary>The middle one: one slow moment of the machine does not move it.</summary>
    public static double Median(this IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[sorted.Count / 2] + sorted[(sorted.Count - 1) / 2]) / 2;
    }

    /// <summary>
    /// How likely two samples as different as these, or more so, come from the same distribution: the Mann-Whitney U
    /// test, two-sided, by its normal approximation (good from about 20 values each).
    /// </summary>
    public static double MannWhitney(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        double n = first.Count;
        double m = second.Count;
        var wins = first.Sum(a => second.Sum(b => a > b ? 1 : a == b ? 0.5 : 0));
        var z = (wins - n * m / 2) / Math.Sqrt(n * m * (n + m + 1) / 12);
        return 2 * UpperTail(Math.Abs(z));
    }

    // Abramowitz and Stegun, 26.2.17: off by at most 7.5e-8.
    static double UpperTail(double z)
    {
        var t = 1 / (1 + 0.2316419 * z);
        var series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) * series;
    }
}

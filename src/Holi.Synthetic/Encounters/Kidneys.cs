namespace Holi.Synthetic.Encounters;

/// <summary>Kidney function from creatinine: CKD-EPI 2021, without race.</summary>
internal static class Kidneys
{
    /// <summary>In mL/min/1.73 m², from 18 years.</summary>
    /// <param name="creatinine">In mg/dL.</param>
    public static int FiltrationRate(decimal creatinine, int age, bool isFemale)
    {
        var kappa = isFemale ? 0.7 : 0.9;
        var alpha = isFemale ? -0.241 : -0.302;
        var ratio = (double)creatinine / kappa;
        var rate = 142 * Math.Pow(Math.Min(ratio, 1), alpha) * Math.Pow(Math.Max(ratio, 1), -1.200) * Math.Pow(0.9938, age) * (isFemale ? 1.012 : 1);
        // Six digits first: two libraries may differ in the last bit of a power, and only an exact half could then fall to different sides.
        return (int)Math.Round(Math.Round(rate, 6), MidpointRounding.AwayFromZero);
    }

    /// <summary>The creatinine, in steps of 0.01 mg/dL, whose rate comes nearest to what is wanted.</summary>
    public static decimal CreatinineFor(int rate, int age, bool isFemale)
    {
        var creatinine = 0.30m;
        while (creatinine < 12m && FiltrationRate(creatinine, age, isFemale) > rate)
            creatinine += 0.01m;
        return creatinine;
    }
}

using Holi.CoPilot.Texts;

namespace Holi.CoPilot.Checks;

/// <summary>
/// Which drugs an allergy forbids, by how their names begin in English, Spanish and Portuguese. A short table of what is common and dangerous, to make somebody look;
/// no interaction database. Pure.
/// </summary>
internal static class DrugClasses
{
    // Two names that begin alike this far are one drug: penicillin, penicilina.
    private const int SameChars = 6;

    private static readonly string[] Penicillins =
        ["penicil", "amoxicil", "amoxicl", "ampicil", "augmentin", "clavulan", "cloxacil", "dicloxacil", "flucloxacil", "oxacil", "nafcil", "piperacil", "benzathine", "benzatin"];

    private static readonly string[] Cephalosporins =
        ["cephalosporin", "cefalosporin", "cephalex", "cefalex", "cefadrox", "cefazol", "cefacl", "cefurox", "cefuroxim", "cefixim", "ceftri", "ceftaz", "cefotax", "cefepim", "cefpodox", "cefdin", "cefprozil"];

    // Each row: whoever is allergic to one of these may react to all of them.
    private static readonly string[][] Rows =
    [
        [.. Penicillins, .. Cephalosporins],
        ["sulfa", "sulfas", "sulfam", "sulfonam", "sulfad", "sulfasal", "trimetop", "trimethop", "cotrimox", "bactrim", "septra"],
        [
            "nsaid", "nsaids", "aine", "aines", "ibuprof", "naprox", "diclof", "ketorol", "cetorol", "ketoprof", "cetoprof", "indomet", "meloxic", "piroxic", "celecox", "etoricox", "aspirin", "acetilsalic",
            "acetylsalic", "nimesul", "antiinflam",
        ],
        [
            "opioid", "opiate", "opiace", "morphin", "morfin", "codein", "tramad", "oxycod", "oxicod", "hydrocod", "hidrocod", "fentan", "hydromorph", "hidromorf", "meperid", "pethid", "petidin",
            "tapentad",
        ],
        ["macrolid", "azithrom", "azitrom", "clarithrom", "claritrom", "erythrom", "eritrom"],
        ["quinolon", "fluoroquin", "fluorquin", "ciproflox", "levoflox", "moxiflox", "norflox", "ofloxac"],
        ["tetracyc", "tetracic", "doxycyc", "doxicic", "minocyc", "minocic"],
        ["ieca", "enalap", "lisinop", "ramipr", "captop", "perindop", "quinap", "benazep", "fosinop"],
        ["statin", "estatin", "atorvast", "simvast", "rosuvast", "pravast", "lovast", "fluvast", "pitavast"],
        ["lidoca", "bupiva", "mepiva", "articain", "procain"],
        ["carbamaz", "oxcarbaz", "phenyt", "fenito", "phenobarb", "fenobarb", "lamotrig"],
        ["metamiz", "dipiron", "dipyron", "nolotil", "novalgin"],
        ["paracet", "acetamin", "tylenol"],
        ["metronid", "tinidaz"],
    ];

    /// <summary>Whether a drug is one that an allergy forbids, or may.</summary>
    /// <param name="allergy">As it stands in the record, or was said.</param>
    /// <param name="drug">Its name; other words may stand around it.</param>
    public static bool Forbids(string allergy, string drug)
    {
        var (forbidden, words) = (Words.Of(allergy), Words.Of(drug));
        foreach (var row in Rows)
        {
            if (forbidden.Any(word => IsIn(row, word)) && words.Any(word => IsIn(row, word)))
                return true;
        }
        return words.Any(word => word.Length >= SameChars && forbidden.Any(other => other.Length >= SameChars && word.AsSpan(0, SameChars).SequenceEqual(other.AsSpan(0, SameChars))));
    }

    /// <summary>Whether <paramref name="word"/> is a drug or a class of the table.</summary>
    public static bool Knows(string word) => Rows.Any(row => IsIn(row, word));

    // Short ones are whole words: "sulfa" is not "sulfate", "aine" is not the end of anything.
    private static bool IsIn(string[] row, string word) =>
        row.Any(stem => stem.Length <= 5 ? word == stem : word.StartsWith(stem, StringComparison.Ordinal));
}

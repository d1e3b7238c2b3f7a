using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Holi.Load.Gateways;

/// <summary>What makes no sense is said before anything is started, all of it at once.</summary>
internal static class OptionChecks
{
    /// <summary>Refuses what is smaller.</summary>
    public static Option<int> AtLeast(this Option<int> option, int least)
    {
        option.Validators.Add(given =>
        {
            // What is no number at all is refused by the option itself.
            if (given.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) && number < least)
                given.AddError($"{option.Name} takes {least} or more.");
        });
        return option;
    }

    /// <summary>Refuses an order for which <paramref name="isWrong"/> holds.</summary>
    public static void Refuse(this Command command, Func<CommandResult, bool> isWrong, string error) => command.Validators.Add(order =>
    {
        try
        {
            if (isWrong(order))
                order.AddError(error);
        }
        catch (InvalidOperationException)
        {
            // An option that could not be read has no value to be looked at, and says so itself.
        }
    });

    /// <summary>True where the option was written in the order, not left to its default.</summary>
    public static bool Has(this CommandResult order, Option option) => order.GetResult(option) is { Implicit: false };
}

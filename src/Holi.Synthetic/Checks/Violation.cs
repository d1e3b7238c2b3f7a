namespace Holi.Synthetic.Checks;

/// <summary>Something in a record that cannot be.</summary>
/// <param name="Rule">Which rule, such as <c>allergy</c>.</param>
/// <param name="Detail">What breaks it. Everything in it is synthetic, so it may say all.</param>
internal sealed record Violation(string Rule, string Detail);

using CsCheck;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>S, X and L for two gateways on one log, whatever becomes of what they tell each other.</summary>
public sealed class TwoGatewaysTests
{
    [Fact]
    public void Whatever_is_lost_repeated_late_or_out_of_order_nobody_sees_what_is_not_theirs_and_all_get_what_is() =>
        Gen.Int[0, int.MaxValue].Array[50, 400].Sample(
            steps =>
            {
                var gateways = new TwoGateways();
                foreach (var step in steps)
                    gateways.Step(step);
                gateways.Converge();
            },
            iter: 2_000);
}

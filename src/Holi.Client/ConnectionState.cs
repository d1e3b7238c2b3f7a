namespace Holi.Client;

//   Stopped ──Start──► Waiting ──► Connecting ──► Opening ──► Ready ──GoAway──► Leaving
//      ▲                  ▲             │             │          │                 │
//      └── 45xx, Stop ────┴─────────────┴── any end ──┴──────────┴─────────────────┘

/// <summary>Where the device is with its connection.</summary>
public enum ConnectionState
{
    /// <summary>Not started, or stopped by a code of 4500–4599: only the app or the person begins again.</summary>
    Stopped,
    /// <summary>No connection; the next attempt has its time.</summary>
    Waiting,
    /// <summary>A token is being fetched or the socket opened.</summary>
    Connecting,
    /// <summary>Hello was said; the gateway has not answered yet.</summary>
    Opening,
    /// <summary>Welcome came: commands and events flow.</summary>
    Ready,
    /// <summary>The gateway said GoAway: it finishes what it has, and the device connects again after the hint.</summary>
    Leaving,
}

// Queries through Dapper are bound at compile time (Dapper.AOT): no reflection, so the native binary has them, too. What runs for every
// batch or event does not go through it but through Statement.
[module: Dapper.DapperAot]

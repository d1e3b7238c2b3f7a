namespace Holi.Synthetic.Notes;

/// <summary>The frame of a reference note's sentences, in one language.</summary>
internal sealed record NoteWords
{
    public required string Female { get; init; }

    public required string Male { get; init; }

    public required string Presents { get; init; }

    public required string Checkup { get; init; }

    public required string Onset { get; init; }

    public required string Reports { get; init; }

    /// <summary>Begins every sentence of what is not there; the checks look for it.</summary>
    public required string Denies { get; init; }

    public required string Quote { get; init; }

    public required string Family { get; init; }

    public required string Problems { get; init; }

    public required string NoProblems { get; init; }

    public required string Medications { get; init; }

    public required string NoMedications { get; init; }

    public required string Allergies { get; init; }

    public required string NoAllergies { get; init; }

    public required string SmokesNever { get; init; }

    public required string SmokesFormerly { get; init; }

    public required string Smokes { get; init; }

    public required string Pregnant { get; init; }

    public required string Vitals { get; init; }

    public required string Pain { get; init; }

    public required string Assessment { get; init; }

    public required string Differential { get; init; }

    public required string Refer { get; init; }

    public required string RedFlags { get; init; }

    public required string Return { get; init; }

    public required string FollowUp { get; init; }

    public string Smoking(string smoking) => smoking switch
    {
        "never" => SmokesNever,
        "former" => SmokesFormerly,
        _ => Smokes,
    };

    public static NoteWords Of(Language language) => language switch
    {
        Language.Spanish => Spanish,
        Language.Portuguese => Portuguese,
        _ => English,
    };

    private static NoteWords English { get; } = new()
    {
        Female = "female",
        Male = "male",
        Presents = "{age}-year-old {sex} who comes for {reason}.",
        Checkup = "abnormal results of a routine checkup",
        Onset = "Began about {onset} ago.",
        Reports = "Reports: {list}.",
        Denies = "Denies: {list}.",
        Quote = "In the patient's words: “{text}.”",
        Family = "Family history: “{text}.”",
        Problems = "Medical history: {list}.",
        NoProblems = "No relevant medical history.",
        Medications = "Current medication: {list}.",
        NoMedications = "No regular medication.",
        Allergies = "Allergies: {list}.",
        NoAllergies = "No known allergies.",
        SmokesNever = "Has never smoked.",
        SmokesFormerly = "Former smoker.",
        Smokes = "Current smoker.",
        Pregnant = "Pregnant.",
        Vitals = "Blood pressure {systolic}/{diastolic} mmHg, heart rate {pulse}/min, temperature {temperature} °C, oxygen saturation {oxygen} %.",
        Pain = "Pain {n}/10.",
        Assessment = "{diagnosis} ({icd}), supported by: {list}.",
        Differential = "Also considered: {list}.",
        Refer = "Referral: {specialty}.",
        RedFlags = "Return at once with: {list}.",
        Return = "Follow-up in {when}.",
        FollowUp = "Follow-up visit",
    };

    private static NoteWords Spanish { get; } = new()
    {
        Female = "mujer",
        Male = "hombre",
        Presents = "{Sex} de {age} años que consulta por {reason}.",
        Checkup = "resultados alterados en un chequeo",
        Onset = "Inicio hace aproximadamente {onset}.",
        Reports = "Refiere: {list}.",
        Denies = "Niega: {list}.",
        Quote = "En palabras {p:del|de la} paciente: «{text}».",
        Family = "Antecedentes familiares: «{text}».",
        Problems = "Antecedentes: {list}.",
        NoProblems = "Sin antecedentes de importancia.",
        Medications = "Medicación habitual: {list}.",
        NoMedications = "Sin medicación habitual.",
        Allergies = "Alergias: {list}.",
        NoAllergies = "Sin alergias conocidas.",
        SmokesNever = "Nunca ha fumado.",
        SmokesFormerly = "{p:Exfumador|Exfumadora}.",
        Smokes = "{p:Fumador|Fumadora} activ{p:o|a}.",
        Pregnant = "Embarazada.",
        Vitals = "Presión arterial {systolic}/{diastolic} mmHg, frecuencia cardíaca {pulse}/min, temperatura {temperature} °C, saturación de oxígeno {oxygen} %.",
        Pain = "Dolor {n}/10.",
        Assessment = "{diagnosis} ({icd}), apoyado por: {list}.",
        Differential = "También se consideró: {list}.",
        Refer = "Derivación: {specialty}.",
        RedFlags = "Volver de inmediato si hay: {list}.",
        Return = "Control en {when}.",
        FollowUp = "Cita de control",
    };

    private static NoteWords Portuguese { get; } = new()
    {
        Female = "mulher",
        Male = "homem",
        Presents = "{Sex} de {age} anos que consulta por {reason}.",
        Checkup = "resultados alterados em um check-up",
        Onset = "Início há aproximadamente {onset}.",
        Reports = "Refere: {list}.",
        Denies = "Nega: {list}.",
        Quote = "Nas palavras {p:do|da} paciente: “{text}.”",
        Family = "Antecedentes familiares: “{text}.”",
        Problems = "Antecedentes: {list}.",
        NoProblems = "Sem antecedentes relevantes.",
        Medications = "Medicação habitual: {list}.",
        NoMedications = "Sem medicação habitual.",
        Allergies = "Alergias: {list}.",
        NoAllergies = "Sem alergias conhecidas.",
        SmokesNever = "Nunca fumou.",
        SmokesFormerly = "Ex-fumante.",
        Smokes = "Fumante.",
        Pregnant = "Grávida.",
        Vitals = "Pressão arterial {systolic}/{diastolic} mmHg, frequência cardíaca {pulse}/min, temperatura {temperature} °C, saturação de oxigênio {oxygen} %.",
        Pain = "Dor {n}/10.",
        Assessment = "{diagnosis} ({icd}), apoiado por: {list}.",
        Differential = "Também considerado: {list}.",
        Refer = "Encaminhamento: {specialty}.",
        RedFlags = "Voltar imediatamente se houver: {list}.",
        Return = "Retorno em {when}.",
        FollowUp = "Consulta de retorno",
    };
}

using System.Globalization;
using Holi.CoPilot.Notes;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Notes;

/// <summary>What a record knows of its patient before the consultation, as Holi.CoPilot takes it.</summary>
internal static class PatientContexts
{
    public static PatientContext Of(SyntheticRecord record)
    {
        var patient = record.Patient;
        return new PatientContext
        {
            Age = patient.Age,
            Sex = patient.Sex,
            Problems = [.. patient.Problems.Select(problem => problem.Name)],
            Medications = [.. patient.Medications.Select(one => new PatientMedication(one.Name, one.Dose, one.Unit, one.Frequency))],
            Allergies = [.. patient.Allergies.Select(allergy => allergy.Name)],
            Vitals = [.. patient.Vitals.Select(vital => new VitalSign(vital.Name, vital.Value!.Value, vital.Unit))],
            // The form of a result knows numbers only: what is positive or negative is in the words.
            Labs = [.. patient.Labs.Where(lab => lab.Value is not null).Select(lab => new LabResult(lab.Loinc, lab.Name, lab.Value!.Value, lab.Unit, lab.Low, lab.High))],
            Identifiers = new PatientIdentifiers
            {
                Names = [$"{patient.GivenName} {patient.FamilyName}"],
                RecordNumbers = [patient.RecordNumber],
                Phones = [patient.Phone],
                Addresses = [string.Create(CultureInfo.InvariantCulture, $"{patient.Address.Line}, {patient.Address.PostalCode} {patient.Address.City}, {patient.Address.State}")],
                Emails = [patient.Email],
                BirthDate = patient.BirthDate,
            },
        };
    }
}

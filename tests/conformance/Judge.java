import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CachingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.utilities.npm.NpmPackage;

/**
 * The reference validator asked about resources that Carnet made.
 *
 * <pre>Judge FOLDER [--package FILE.tgz]... </pre>
 *
 * Judges each line of each FOLDER/*.ndjson, and writes one line for each message: file, number of the
 * line, severity, id of the message, place, message; a tab between them. Where the validator itself
 * breaks, the severity is "failed". With packages, the lines of
 * files whose names begin with "summary" are also held against the profile of the International
 * Patient Summary.
 */
public class Judge {
    static final String SUMMARY = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips";

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        FhirContext context = FhirContext.forR4();
        PrePopulatedValidationSupport loaded = new PrePopulatedValidationSupport(context);
        boolean withPackages = false;
        for (int at = 1; at + 1 < arguments.length; at += 2) {
            if (!arguments[at].equals("--package")) {
                throw new IllegalArgumentException("--package FILE.tgz is expected");
            }
            load(context, Path.of(arguments[at + 1]), loaded);
            withPackages = true;
        }
        FhirValidator validator = context.newValidator();
        FhirInstanceValidator instance = new FhirInstanceValidator(new CachingValidationSupport(new ValidationSupportChain(
            loaded,
            new DefaultProfileValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context),
            new SnapshotGeneratingValidationSupport(context))));
        instance.setAnyExtensionsAllowed(true);
        validator.registerValidatorModule(instance);

        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.filter(file -> file.toString().endsWith(".ndjson")).sorted().toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            ValidationOptions options = new ValidationOptions();
            if (withPackages && name.startsWith("summary")) {
                options.addProfile(SUMMARY);
            }
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                List<SingleValidationMessage> messages;
                try {
                    messages = validator.validateWithResult(line, options).getMessages();
                } catch (RuntimeException broken) {
                    // No verdict is not a verdict.
                    out.println(String.join("\t", name, Integer.toString(number), "failed", broken.getClass().getSimpleName(), "", plain(broken.getMessage())));
                    continue;
                }
                for (SingleValidationMessage message : messages) {
                    if (message.getSeverity() != ResultSeverityEnum.INFORMATION) {
                        out.println(String.join("\t", name, Integer.toString(number), message.getSeverity().getCode(),
                            plain(message.getMessageId()), plain(message.getLocationString()), plain(message.getMessage())));
                    }
                }
            }
            out.println(String.join("\t", name, Integer.toString(number), "judged", "", "", ""));
        }
    }

    /** Everything of a package that describes something. */
    static void load(FhirContext context, Path file, PrePopulatedValidationSupport into) throws Exception {
        try (InputStream stream = new FileInputStream(file.toFile())) {
            NpmPackage contents = NpmPackage.fromPackage(stream);
            List<String> names = new ArrayList<>();
            for (String prefix : List.of("StructureDefinition", "ValueSet", "CodeSystem")) {
                contents.list("package").stream().filter(name -> name.startsWith(prefix + "-") && name.endsWith(".json")).forEach(names::add);
            }
            for (String name : names) {
                try (InputStream entry = contents.load("package", name)) {
                    IBaseResource resource = context.newJsonParser().parseResource(entry);
                    into.addResource(resource);
                }
            }
        }
    }

    static String plain(String text) {
        return text == null ? "" : text.replaceAll("\\s+", " ").trim();
    }
}

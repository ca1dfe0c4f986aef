import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * veraPDF asked about papers that Carnet printed.
 *
 * <pre>Papers FOLDER</pre>
 *
 * Holds each FOLDER/*.pdf against PDF/A-2a and PDF/UA-1. Writes for each and each standard a line "judged": standard
 * and name of the file; and a line "broken" for each rule it breaks: standard, name, rule, what it says; a tab between.
 */
public class Papers {
    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("").setLevel(Level.SEVERE);
        VeraGreenfieldFoundryProvider.initialise();
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        List<Path> files;
        try (Stream<Path> all = Files.list(Path.of(arguments[0]))) {
            files = all.filter(file -> file.toString().endsWith(".pdf")).sorted().toList();
        }
        for (Path file : files) {
            for (PDFAFlavour flavour : List.of(PDFAFlavour.PDFA_2_A, PDFAFlavour.PDFUA_1)) {
                judge(file, flavour, out);
            }
        }
        out.flush();
    }

    static void judge(Path file, PDFAFlavour flavour, PrintStream out) throws Exception {
        String place = flavour.getId() + "\t" + file.getFileName();
        try (InputStream bytes = new FileInputStream(file.toFile());
                PDFAParser parser = Foundries.defaultInstance().createParser(bytes, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            out.println("judged\t" + place);
            Set<String> rules = new TreeSet<>();
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    rules.add(assertion.getRuleId().getClause() + " test " + assertion.getRuleId().getTestNumber() + "\t" + String.valueOf(assertion.getMessage()).replaceAll("\\s+", " "));
                }
            }
            if (!result.isCompliant() && rules.isEmpty()) {
                rules.add("unnamed\t");
            }
            rules.forEach(rule -> out.println("broken\t" + place + "\t" + rule));
        }
    }
}

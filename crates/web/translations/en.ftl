# The words of the pages in English. The four files have the same keys; a test compares them.

# ---- the frame of every page
skip-to-content = Skip to content
find-label = Find a person
find-placeholder = Name, birth date or identifier
find-button = Find
sign-out = Sign out
language-label = Language
rail-label = Record
banner-label = Person
keyboard = Keyboard
close = Close
back-to-overview = Back to the overview
show-all = All
not-stated = Not stated

keys-title = Keyboard
keys-find = Find a person
keys-map = This list
keys-go = Then go to
keys-off = Turn single-letter keys off
keys-on = Turn single-letter keys on
keys-without = The pages work without the keyboard and without script.

# ---- signing in
sign-in-title = Sign in
sign-in-intro = The health record of your institution.
sign-in-login = Login
sign-in-password = Password
sign-in-button = Sign in
sign-in-refused = This login and password do not belong together.
sign-in-wait = Too many attempts with this login. Try again in { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}.
sign-in-ended = Your session has ended. Sign in again.
sign-in-expired = This page was open too long. Try once more.
sign-in-trace = Every record you open is written down and shown to the person it is about.

# ---- finding a person
find-title = Find a person
find-help = Any part of the name in any order, with or without accents; a birth date; an identifier.
find-example = Examples: hoa nguyen 1958 · 14/03/1958 · an identifier with or without spaces
find-none = Nobody was found.
find-none-hint = Try fewer words, only the birth year, or the identifier alone.
find-count = { $count ->
    [one] { $count } person
   *[other] { $count } persons
}
find-more = The first { $count } are shown. Add a word or the birth year to see fewer.
find-column-person = Person
find-column-born = Born
find-column-sex = Sex
find-column-identifier = Identifier
find-column-place = Place
find-column-seen = Last seen

# ---- who
born = Born
born-about = about { $date }
age-about = about { $age }
sex = Sex
died = Died
age-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
age-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
age-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
age-at-death = aged { $age }
gender-male = Male
gender-female = Female
gender-other = Other
gender-unknown = Unknown
name-unknown = Name not stated
identifier = Identifier
insurance = Insurance
allergy = Allergy
allergies-none = No known allergies
allergies-none-asked = No known allergies (asked { $date })
allergies-not-asked = Allergies not asked
allergies-copy = Allergies: not in this copy
record-copy = This is a partial copy: the person has left your institution. What others wrote, and what came later, is not shown; what is missing, due or overdue here may be known elsewhere.
banner-more = { $count } more
flags-more = { $count ->
    [one] { $count } more warning
   *[other] { $count } more warnings
}

# ---- sections of a record
section-overview = Overview
section-timeline = Timeline
section-problems = Problems
section-notes = Notes
section-medicines = Medicines
section-results = Results
section-vitals = Vital signs
section-imaging = Imaging
section-referrals = Requests and referrals
section-admissions = Admissions
section-plans = Care plans
section-vaccinations = Vaccinations
section-growth = Growth

# ---- the overview
problems-active = Active problems
problems-resolved = Resolved problems
problems-none = No active problems recorded.
problem = Problem
state = State
since = Since
until = Until
problem-active = Active
problem-recurrence = Recurrence
problem-relapse = Relapse
problem-inactive = Inactive
problem-remission = In remission
problem-resolved = Resolved
problem-provisional = Not confirmed

medicines-current = Current medicines
medicines-past = Earlier medicines
medicines-none = No current medicines recorded.
medicine = Medicine
medicine-how = How to take
medicine-on-hold = On hold
medicine-not-given = Not to be given
medicine-reported = As reported by the person
medicine-stopped = Stopped
medicine-completed = Completed
medicine-cancelled = Cancelled
medicine-draft = Draft
dose-times = { $count ->
    [1] once
    [2] twice
   *[other] { $count } times
}
dose-per-day = a day
dose-per-hours = { $count ->
    [one] every hour
   *[other] every { $count } hours
}
dose-per-days = every { $count } days
dose-per-week = a week
dose-per-month = a month
dose-as-needed = as needed

results-latest = Latest results
results-none = No results recorded.
result-test = Test
result-value = Result
result-previous = Previous
result-trend = Trend
result-high = above the reference range
result-low = below the reference range
result-critical-high = critically high
result-critical-low = critically low
result-abnormal = abnormal
result-normal = within the reference range
result-absent = No value
result-preliminary = Preliminary
result-corrected = Corrected
result-yes = Yes
result-no = No
trend-label = { $name }, oldest to newest: { $values }
trend-reference = Reference

vitals-none = No vital signs recorded.
vital-sign = Sign
vital-blood-pressure = Blood pressure
vital-pulse = Pulse
vital-saturation = SpO₂
vital-temperature = Temperature
vital-breathing = Respiratory rate
vital-weight = Weight
vital-height = Height
vital-mass-index = Body mass index
vital-head = Head circumference
unit-mercury = mmHg
unit-per-minute = /min

visit-this = This visit
visit-open = Open since { $date }
visit-last = Last seen { $date }
visit-never = No visit recorded.
visit-next = Next appointment { $date }
days-ago = { $count ->
    [0] today
    [one] yesterday
   *[other] { $count } days ago
}

story-latest = Recent encounters
story-none = No encounters recorded.

due-open = Due and open
due-none = Nothing is due or open.
due-referral = Not answered yet
due-result = Result pending
due-appointment = Appointment
due-task = Task
due-vaccine = Vaccination
due-overdue = Overdue
due-more = { $count } more
due-on = Due { $date }
due-since = Since { $date }
address-today = today { $place }

sources-title = Sources and gaps
sources-places = { $count ->
    [one] Source: { $count } place
   *[other] Sources: { $count } places
}
sources-entries = Entries
sources-last-entry = Latest entry
sources-received = Received
sources-silent = Nothing since { $date }
sources-unknown = Place not stated
sources-none = Nothing has been received.
sources-flawed = { $count ->
    [one] { $count } entry was kept although it breaks a rule of the format.
   *[other] { $count } entries were kept although they break a rule of the format.
}

# ---- timeline
timeline-title = Timeline
timeline-kind = Kind
timeline-place = Place
timeline-everything = All clinical
timeline-every-place = All places
timeline-none = No entries match.
timeline-events = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
timeline-years = Years
timeline-no-date = Without a date
timeline-values-more = { $count ->
    [one] { $count } more value
   *[other] { $count } more values
}
page-newer = Newer
page-older = Older
page-of = Page { $page } of { $pages }

kind-visit = Visit
kind-home-visit = Home visit
kind-remote-visit = Remote consultation
kind-emergency = Emergency
kind-admission = Admission
kind-note = Note
kind-result = Results
kind-measurement = Vital signs
kind-history = Questions and habits
kind-problem = Problem
kind-allergy = Allergy
kind-medicine = Medicine
kind-dispense = Dispensed medicine
kind-vaccination = Vaccination
kind-procedure = Procedure
kind-imaging = Imaging
kind-referral = Request or referral
kind-plan = Care plan
kind-appointment = Appointment
kind-family = Family history
kind-device = Device
kind-consent = Consent
kind-administration = Administration
kind-other = Other entry
kind-person = Person

# ---- one document
document-received = Received data
document-received-note = As it was received, for those who connect systems.
document-received-long = The received data is too long to show here ({ $count } bytes). The interface at /fhir gives it in full.
document-version = Version { $version }, received { $date }
document-flawed = This entry was kept although it breaks a rule of the format.
document-no-text = This entry has no readable text.
document-attachment-other = An attachment of the type { $type } cannot be shown here.
document-narrative = Text as received
document-visit = Visit
document-belongs = Recorded in this visit
document-entered-in-error = Entered in error

field-status = Status
field-what = What
field-date = Date
field-period = Period
field-place = Place
field-person = By
field-reason = Reason
field-note = Note
field-site = Body site
field-value = Value
field-conclusion = Conclusion
field-diagnosis = Diagnosis
field-severity = Severity
field-reaction = Reaction
field-dose = Dose
field-lot = Lot
field-manufacturer = Manufacturer
field-activity = Activities
field-goal = Goal
field-priority = Priority
field-description = Description
field-phone = Telephone
field-address = Address
field-contact = Contact
field-name = Name
field-quantity = Quantity
field-identifier = Identifier
field-policy-holder = Insured with

status-active = Active
status-completed = Completed
status-planned = Planned
status-in-progress = In progress
status-on-hold = On hold
status-cancelled = Cancelled
status-stopped = Stopped
status-draft = Draft
status-final = Final
status-preliminary = Preliminary
status-amended = Amended
status-registered = Registered
status-not-done = Not done
status-booked = Booked
status-unknown = Unknown
status-inactive = Inactive
severity-mild = Mild
severity-moderate = Moderate
severity-severe = Severe

# ---- growth
growth-weight = Weight for age
growth-height = Height for age
growth-head = Head circumference for age
growth-none = No measurements recorded.
growth-axis-months = Age, months
growth-axis-years = Age, years
growth-point = { $age }: { $value }
growth-note = Only this child’s own measurements are drawn. No reference curves.
growth-age = Age
growth-score = z-score
growth-compared = Compared with the standards of the WHO: median, ±2 and ±3 deviations
growth-corrected = Born before 37 weeks: compared at the corrected age until two years.
growth-unread = { $count ->
    [one] One table of growth of this site cannot be read.
   *[other] { $count } tables of growth of this site cannot be read.
}
growth-proportion = Weight by height
growth-weight-for-height = weight for height
growth-bmi = BMI for age
growth-index = Body-mass index
growth-no-birth = The birth date is not known to the day, so no age can be told and nothing compared. Correct the birth date. The measurements stand under vital signs.
growth-implausible = implausible: check the measurement
growth-gestation-unread = The weeks of pregnancy at birth are written so that they cannot be read: no age is corrected. Write them in weeks.
growth-unconverted = { $count ->
    [one] One measurement is left out: what is written is no weight or length in a known unit.
   *[other] { $count } measurements are left out: what is written is no weight or length in a known unit.
}
growth-undated = { $count ->
    [one] One measurement has no day: it is neither drawn nor compared.
   *[other] { $count } measurements have no day: they are neither drawn nor compared.
}
growth-to-come = { $count ->
    [one] One measurement lies in the future: it is neither drawn nor compared.
   *[other] { $count } measurements lie in the future: they are neither drawn nor compared.
}
growth-before-birth = { $count ->
    [one] One measurement is dated before the birth: it is left out. Look at its day and at the birth date.
   *[other] { $count } measurements are dated before the birth: they are left out. Look at their days and at the birth date.
}

# ---- what goes wrong
error-not-found-title = Not found
error-not-found = There is nothing at this address, or it is not open to you.
error-gone-title = Deleted
error-gone = This entry was deleted.
error-refused-title = Not allowed
error-refused = Your sign-in does not allow this.
error-form-title = Please try again
error-form = The form was no longer valid. Go back, reload the page and try again. Nothing was changed.
error-failed-title = Something went wrong here
error-failed = The record could not be read. It is not your fault. If it happens again, tell the operator the time and this page.
refused-busy = Too much is going on just now, and nothing was begun. Try again in a moment.
refused-too-often = There were too many requests from here. Wait a moment and try again.
error-home = To the search

# ---- who opened the record
section-openings = Who has looked
opening-purpose = For
openings-none = Nobody has opened this record yet.
purpose-treatment = Treatment
purpose-operations = Keeping and moving records
opening-unknown = Not known any more
role-physician = Physician
role-nurse = Nurse
role-admissions = Admissions
role-laboratory = Laboratory
role-pharmacy = Pharmacy
role-imaging = Imaging
role-records-clerk = Records clerk
role-programme-officer = Programme officer
role-auditor = Auditor
role-privacy-officer = Privacy officer
role-operator = Operator
role-integration = Connected system
role-console = Console

# ---- the second factor, a new password
factor-title = Add a second factor
factor-required = Your institution asks everybody for a second factor. Add yours now, then you can go on.
factor-intro = An application on your telephone shows a code that changes every half minute. Signing in then needs your password and the code.
factor-scan = Scan the picture with the application, or type the letters below into it.
factor-picture = Picture for the application; the letters below say the same
factor-secret = Letters to type in
factor-code = The six digits the application shows now
factor-button = Add
factor-wrong = These are not the digits of now. Check the clock of the telephone and take the next ones.
recovery-title = Recovery codes
recovery-intro = Keep these codes where only you find them. Each opens once in place of the telephone. They are not shown again.
recovery-go = I have kept them; go on
code-title = Second factor
code-intro = The password is right. Now the six digits of your application, or a recovery code.
code-label = Code
code-refused = This code does not open, or was used already.
code-other = Sign in as somebody else
sign-in-system = This account belongs to a system. It works over the API, not on pages.
sign-in-forgotten = Forgotten your password?
new-password-title = Set a new password
new-password-intro = Ask admissions or an operator of your institution for a code. It is valid for one hour.
new-password-code = Code
new-password-new = New password
new-password-help = At least 8 characters, without your login, and none that everybody tries first.
new-password-button = Set the password
new-password-refused = This login and code do not belong together, or the code is no longer valid.
new-password-done = The new password is set. Sign in with it.
password-short = The password needs at least 8 characters.
password-long = The password is too long.
password-login = The password must not contain the login.
password-common = This password is one of the most common. Choose another.

# ---- one's own account and those of others
account-short = My sign-ins
account-title = My sign-ins
account-sessions = Where you are signed in
account-browser = Browser
account-browser-other = Another browser
account-began = Began
account-used = Last used
account-this = This one
account-end = End this
account-here = Go on here
account-end-all = End all
account-end-all-help = This one too, at once.
account-factor = Second factor
account-factor-on = On. Recovery codes left: { $left }.
account-factor-off = Off: only the password protects this account.
accounts-title = Accounts
accounts-intro = The accounts you may do something about. Each act is written down with your name.
accounts-none = There are none.
accounts-holder = Holder
accounts-role = Role
accounts-acts = What can be done
accounts-open = Open
accounts-blocked = Blocked
accounts-out = Out of its dates
accounts-factor = second factor
accounts-code = Code for a new password
accounts-end = End sign-ins
accounts-block = Block
accounts-unblock = Unblock
accounts-code-given = Code for { $login }, valid once and for one hour. Make sure it reaches the right person: it is not shown again.
accounts-done = Done for { $login }.

# ---- who has looked
openings-intro = Everybody who has looked at this record, newest first. Nothing can be taken out of this list. If you do not know why somebody was here, ask: question the entry.
openings-newest = Newest entries
question-ask = Question this entry
question-label = What would you like to know?
question-send = Send the question
question-open = Open question
question-answered = Answered
question-answer = Answer
question-answer-send = Send the answer
questions-elsewhere = Open questions about other entries
how-open = Opened the record.
how-read = Read an entry of the record.
how-search = Found the record, or something in it, by a search.
how-history = Read earlier versions of an entry.
how-summary = Read the record as a whole or as a summary.
how-export = Took a copy of the record out of the system.
how-match = Compared the record with a description, to find out who somebody is.
how-notify = Was told that something in the record had changed.
how-write = Wrote to the record and saw what was there.
how-chart = Looked at the chart.
how-audit = Read this list of those who looked.
how-erased = Erased the record.

# ---- a program asks
consent-going-on = Going on
consent-go = Go on
consent-title = { $program } asks for access
consent-intro = If you say yes, your browser goes back to { $place }, and the program works with your rights and no more. Take off what it need not have.
consent-about = Record of
consent-wishes = What the program wants
consent-wish = { $what }: { $deeds }
consent-everything = Everything
consent-see = see
consent-find = find
consent-add = add
consent-change = change
consent-put = change or put in
consent-delete = delete
consent-of-person = in the record of this person
consent-of-all = in every record that you may open
consent-only = only
consent-openid = Learn that it is you
consent-user = Learn your name
consent-patient = Learn whose record is open
consent-encounter = Learn which visit is open
consent-offline = Keep access while you are away, until 90 days pass without use
consent-online = Keep access for this working day, twelve hours at most
consent-trace = Whatever the program reads is written down with your name and shown to the person it is about.
consent-allow = Allow
consent-deny = Refuse
consent-again = Another person
consent-choose-title = Whose record?
consent-choose = { $program } works with the record of one person. Choose whose.
error-over-title = This question is over
error-over = It was answered, or waited too long. Start again from the program.
error-program-title = This program cannot be connected
error-program = Nobody was sent anywhere and nothing was given. Tell whoever runs the program.
error-program-reason = For them:
launch-title = Open a program

# ---- programs
programs-title = Programs
programs-intro = The programs that may ask for access. Ask who runs one before you approve it; taking one off ends all its tokens at once.
programs-name = Program
programs-wishes = What it may ask for
programs-approved = Approved
programs-waits = Waits for approval
programs-approve = Approve
programs-remove = Take off
programs-done = Done.
programs-public = without a secret
programs-secret = with a secret
programs-keys = with a key

# ---- breaking the glass
purpose-payment = Paying for care
purpose-public-health = Public health
purpose-emergency = Emergency, with the glass broken
glass-title = Break the glass
glass-intro = What is sealed of this person opens to you alone, for a limited time. The person will see it, with your name and your reason, and the privacy officer will ask whether it was right.
glass-reason = Why
glass-danger = The person is in danger
glass-cannot-speak = The person cannot speak for themselves
glass-asked = The person asks for it
glass-standing-in = I stand in for whoever treats the person
glass-other = Another reason
glass-words = In your words
glass-break = Break the glass
glass-leave = Leave it whole
glass-summary = For an emergency
glass-until = What is sealed is open to you until { $time }.
glass-chart = The whole chart
glass-mend = Close it now
glass-allergies = Allergies
glass-blood = Blood group
glass-contacts = Whom to call
glass-told = Opened although sealed
glass-was-justified = There was good reason
glass-was-not = There was no good reason
glass-unanswered = Not answered yet
glasses-title = Broken glass
glasses-intro = Each time somebody opened what was sealed, at your institution. Each wants an answer, and the person reads it.
glasses-none = Nothing waits for an answer.
glasses-words = Your answer
glasses-yes = There was good reason
glasses-no = There was no good reason
glass-say-why = Choose a reason and say in a few words why.

# ---- persons: their accounts, their record, who acts for them
role-person = Person
purpose-own = Reading their own record
purpose-entrusted = Acting for the person
sign-in-activate = You have a code from a health station? Make your account
sign-in-send = Forgotten your password? Have a code sent to you
activate-title = Make your account
activate-intro = With the code from the health station you choose how you sign in. Then you read your own record.
activate-code = Code from the slip or the message
activate-login = The login you choose
login-letters = 1 to 64 of a–z, digits, point, hyphen, underscore or @. Capitals and small letters are the same.
activate-password = The password you choose
activate-button = Make the account
activate-trace = Whenever you or anybody else opens your record, it is written down, and you can read it.
activate-refused = This is no code, or it is no longer valid: it works once, for fourteen days, and not after six wrong attempts. The health station gives you another.
activate-taken = Somebody else has this login. Choose another; your code is still good.
forgotten-title = Have a code sent to you
forgotten-intro = The code goes to the address you confirmed on the page My sign-ins. If you have confirmed none, the health station gives you a code.
forgotten-sent = If this login has a confirmed address, a code is on its way there. It is valid for one hour and once.
forgotten-button = Send a code
password-same = This is the password you have now. Choose another.
letter-subject = Your code
letter-invite = Code: { $code }. With it you make your account at { $site }/sign-in/activate. Valid once, until { $until }. If you did not ask for it, do nothing.
letter-renew = Code for a new password: { $code }. Use it at { $site }/sign-in/new-password within one hour. If you did not ask for it, do nothing.
letter-confirm = Code to confirm this address: { $code }. Type it on the page { $site }/account within half an hour.
trust-title = Access from home
invite-title = The person’s account
invite-intro = This person has no account yet. Check who stands before you, then give a code.
invite-evidence = What did you see to know who this is?
invite-evidence-help = As: passport with photograph. It is kept with your name. No numbers.
invite-language = Language of their pages
invite-address = Send it to (may stay empty)
invite-address-help = An e-mail address, or a telephone number with + and the country. If empty, you print the slip.
invite-button = Give a code
invite-address-wrong = This is neither an e-mail address nor a telephone number with + and the country.
invite-evidence-wrong = Say in 1 to 200 letters what you saw.
invite-there = This person has an account already.
trust-acting = Who acts for this person
trust-none = Nobody acts for this person.
trust-who = Who
trust-span = From – until
trust-seen = What was seen, and by whom
trust-end = End this
trust-ended = It has ended, at once.
trust-given = The record is entrusted. The person sees it here.
trust-how = A health station entrusts a record to somebody, with the person there or a document that says so. You can end it here at any time.
trust-fields = Choose what the person is, and write the last day as 2026-01-31 or leave it empty.
trust-login = Nobody signs in with that login as a person. Whoever is to act makes an account first, with a code from the page of their own record.
trust-self = This is the login of the person whose record it is.
trust-evidence = Say in 1 to 200 letters what you saw.
trust-document-wrong = There is no such document in this record.
trust-over = This would be over already: the person has reached the age at which it ends, the last day has passed, or the birth date is not known. If the person agrees, a parent may go on until the person comes of age; after that only a carer can be named.
trust-twice = This person is entrusted to that login already. End that first.
trust-many = So many persons cannot be entrusted to one login, or so many to act for one person.
proxy-parent = Mother or father
proxy-guardian = Guardian
proxy-carer = Carer, named by the person or a document
proxy-agreed = the person agreed
proxy-no-end = until somebody ends it
proxy-ended = Ended { $date } by { $by }
proxy-holds = Acts now
proxy-over = Over
entrust-title = Entrust this record to somebody
entrust-intro = A parent or guardian of a minor, or a carer. A parent’s reading ends by itself on the birthday from which the country keeps the young person’s confidence.
entrust-login = Login of the one who is to act
entrust-kind = As what
entrust-evidence = What did you see? (birth certificate, act of guardianship, power of attorney)
entrust-document = Copy in the record (may stay empty)
entrust-document-none = None
entrust-until = Last day (may stay empty)
entrust-until-help = It ends at midnight after that day, or before, by age.
entrust-agreed = The person is here and agrees
entrust-button = Entrust
slip-title = Your code for reading your record
slip-open = Open this address:
slip-code = Type this code:
slip-choose = Choose a login and a password that only you know.
slip-until = Valid until
slip-rules = The code works once. After six wrong attempts it is void. Nobody needs your password, no doctor and no official.
slip-print = Print this page and hand it over.
slip-sent = The code was sent to
slip-done = Done; do not show it again
mine-title = My record
mine-others = Other records you may read
mine-own = Your own
mine-entrusted = Entrusted to you
mine-acting = This is not your record: you act for this person. They see in the log that you were here.
mine-next = What comes next
mine-medicines = What I take
mine-allergies = What I must not be given
mine-results = My results
mine-results-note = A value outside the range is not always an illness, and one inside it not always health. Ask who treats you.
mine-before = before: { $value } on { $date }
mine-vaccinations-none = No vaccinations recorded.
mine-problems = What I am treated for
mine-visits = My visits
mine-documents = Letters, reports and notes
mine-documents-none = No documents recorded.
account-password = Password
account-current = The password of now
account-password-help = Everywhere else you are signed out.
account-password-done = The new password is set. Everywhere else you are signed out.
account-current-wrong = The password of now, or the code, is not right. Nothing was changed.
account-factor-gone = The second factor is off. Add one again for your new telephone.
account-factor-code = The six digits of now, or a recovery code
account-factor-remove = Take it off
account-factor-remove-help = To add another telephone. Everywhere else you are signed out.
contact-title = Where codes are sent
contact-known = If you forget your password, a code goes to
contact-none = Nowhere yet: if you forget your password, only the health station can help.
contact-address = E-mail address, or telephone with + and the country
contact-ask = Send a code there
contact-code = The code that arrived
contact-confirm = Confirm
contact-drop = Send codes nowhere
contact-asked = A code was sent there. Type it below within half an hour.
contact-too-soon = A code has only just been sent. Wait two minutes for it.
contact-not-sent = The code could not be sent. Try again later.
contact-confirmed = Confirmed: codes can be sent there.
contact-wrong = This is not the code, or it is no longer valid.
contact-dropped = No codes are sent any more.

# ---- unusual access
error-budget-title = Many persons in a short time
error-budget = This would open more different persons within an hour than your account may. Nothing was opened. Come back later; if the work needs it now, the privacy officer of your institution gives you more room today. In an emergency break the glass: that is never refused.
unusual-title = Unusual access
unusual-intro = Openings that want an explanation, and whoever opened or searched unusually many different persons within an hour. Each is judged once, and the verdict stays with your name.
unusual-none = Nothing unusual.
unusual-of-role = Everybody of this role at the institution together.
unusual-of-institution = Everybody at the institution together.
unusual-refused = Refused
unusual-told = Noted
unusual-verdict = Verdict
unusual-verdict-wrong = A verdict has 1 to 500 characters.
unusual-judge = Keep the verdict
unusual-judged = The verdict is kept.
unusual-raise = Give more room today
unusual-raised = { $login } may open more persons until the end of today.
unusual-opened = { $count ->
    [one] { $count } different person opened within an hour.
   *[other] { $count } different persons opened within an hour.
}
unusual-listed = { $count ->
    [one] { $count } different person found by searches within an hour.
   *[other] { $count } different persons found by searches within an hour.
}

# ---- vaccinations
vaccinations-due = Due now
vaccinations-later = Later
vaccinations-given = Given
vaccinations-settled = Complete, closed or not to be given
vaccinations-none-due = Nothing is due today.
vaccinations-none-given = No vaccination is recorded.
vaccinations-unread = Not readable
vaccinations-unread-why = The vaccine or the date of these entries cannot be read, so they are not counted. Correct them before vaccinating.
vaccinations-calendar = Calendar: { $country }
vaccinations-source = Where this calendar comes from
vaccinations-proposal = Least and last ages, gaps, catching up and contraindications are proposals until a clinician confirms them. The decision is yours.
vaccinations-no-birth = The birth date is not known to the day, so no age can be told. Correct the birth date to see what is due.
vaccinations-no-country = Neither a number nor the address tells whose calendar applies. Add one of them to see what is due.
vaccination-vaccine = Vaccine
vaccination-days = Day
vaccination-why = Why
vaccination-counts = Counts for
vaccination-dose = { $series }, dose { $number }
vaccination-proposed = Proposal
vaccination-beside = Not part of this calendar.
vaccination-inexact = The day is not known: the last day it can have been is taken.
vaccination-not-judged = Not judged.
vaccine-code = Vaccine with CVX code { $code }
vaccine-overdue = Overdue
vaccine-due = Due
vaccine-not-yet = Not yet
vaccine-contraindicated = Do not give
vaccine-complete = Complete
vaccine-closed = Closed
vaccine-day-recommended = recommended
vaccine-day-earliest = not before
vaccine-day-latest = not after
span-birth = birth
span-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
span-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
span-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
span-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
reason-age-reached = The recommended age is reached: { $age }.
reason-age-not-reached = The recommended age is not reached: { $age }.
reason-gap-over = { $gap } have passed since the dose of { $day }.
reason-gap-not-over = { $gap } must pass after the dose of { $day }.
reason-live-not-over = Live vaccine { $vaccine } was given on { $day }: the same day, or { $gap } apart.
reason-week-not-reached = From week { $week } of the pregnancy.
reason-pregnancy = Given in pregnancy.
reason-pregnancy-week = Given in pregnancy, from week { $week }.
reason-too-old = Too late: not given after this age: { $age }.
reason-earlier-missing = { $count ->
    [one] An earlier dose is missing and cannot be given any more.
   *[other] { $count } doses must come first, and they cannot be given any more.
}
reason-all-given = { $count ->
    [one] The dose was given.
   *[other] All { $count } doses were given.
}
reason-one-is-enough = One dose is enough from this age: { $age }.
reason-forbidden = Contraindicated: { $what }.
reason-postponed = Postponed: { $what }.
reason-instead = Another vaccine because of: { $what }.
reason-instead-from = Another vaccine from this age: { $age }.
reason-risk = Plan for persons at risk: { $what }.
reason-late-start = Plan for a late start, from this age: { $age }.
reason-after-vaccine = Plan for whoever was given this vaccine: { $vaccine }.
reason-refused = Refused on { $day }.
reason-too-young = too young; would have counted from { $day }.
reason-too-soon = too soon after the dose before; would have counted from { $day }.
reason-too-soon-after-live = too soon after another live vaccine; would have counted from { $day }.
reason-same-day = the second dose of one day.
reason-in-part = protects from a part of this only.
reason-pregnancy-ended = A pregnancy that the record tells of ended on { $day }: it forbids nothing any more.
reason-pregnancy-over = A pregnancy that the record tells of since { $day } is taken as over after 45 weeks: it forbids nothing any more. Write its end into the record.
reason-maybe-same = only the month or year is known, and it may be the dose of { $day }. It counts once its day is written.
reason-wrong-vaccine = this dose wants another vaccine.
reason-before-birth = dated before birth.
reason-in-future = dated in the future.
reason-subpotent = weaker than it should have been: it does not count.
reason-died = The person has died.
reason-extra = no more dose was needed.
reason-not-in-plan = The calendar has no such dose for this person.
series-tuberculosis = Tuberculosis
series-hepatitis-b = Hepatitis B
series-hepatitis-a = Hepatitis A
series-dtp = Diphtheria, tetanus, whooping cough
series-polio = Polio
series-polio-oral = Polio, by mouth
series-polio-inactivated = Polio, injected
series-hib = Haemophilus influenzae b
series-rotavirus = Rotavirus
series-pneumococcal = Pneumococcus
series-influenza = Influenza
series-covid = COVID-19
series-mmr = Measles, rubella, mumps
series-measles = Measles
series-rubella = Rubella
series-varicella = Chickenpox
series-hpv = Human papillomavirus
series-japanese-encephalitis = Japanese encephalitis
series-pertussis-pregnancy = Whooping cough, in pregnancy
series-tetanus-pregnancy = Tetanus, in pregnancy
contraindication-immunodeficiency = immunodeficiency
contraindication-hiv = HIV infection
contraindication-severe-combined-immunodeficiency = severe combined immunodeficiency
contraindication-intussusception = intussusception
contraindication-pregnancy = pregnancy
contraindication-low-birth-weight = body weight under 2,000 g, or a low birth weight while no weight is recorded
contraindication-seizures = seizures without fever or progressive neurological disease
risk-chronic = a chronic illness
risk-hiv = HIV
risk-day-care = day care
risk-no-pertussis = no vaccine against whooping cough
risk-hepatitis-b-contact = hepatitis B in the mother or at home

# ---- who is behind
overdue-title = Overdue vaccinations
overdue-facility = Name of the facility
overdue-choose = Show facilities
overdue-facilities = { $count ->
    [one] { $count } facility
   *[other] { $count } facilities
}
overdue-no-facility = No facility has this name. Type the beginning of a word of it.
overdue-looked-at = { $count ->
    [one] { $count } person under 18 looked at
   *[other] { $count } persons under 18 looked at
}
overdue-none = None of the persons looked at has an overdue vaccination.
overdue-unjudged = Could not be judged
overdue-since = { $series }, since { $day }
overdue-next = Look at the next persons
overdue-undated = { $count ->
    [one] { $count } person without a birth date looked at
   *[other] { $count } persons without a birth date looked at
}
overdue-next-undated = Look at the next persons without a birth date
overdue-areas = By province or state, of the persons on this page
overdue-area-all = All
overdue-area-none = Not known
overdue-traced = Each person looked at sees this in the log of their record.

# ---- the child's card
section-card = Child’s card
card-complete = How complete the card is
card-score = { $percent } %: { $said } of { $asked } are there
card-no-gaps = Nothing that the card should say is missing.
card-gap-birth-weight = The weight at birth is not recorded.
card-gap-gestation = The weeks of pregnancy at birth are not recorded.
card-gap-gestation-unread = The weeks of pregnancy at birth are written so that they cannot be read: write them in weeks.
card-gap-allergies = Allergies have not been asked about.
card-gap-guardian = A parent or guardian is not recorded.
card-gap-national-number = A number of the national register is not recorded.
card-gap-facility = The facility is not recorded.
card-gap-examination = No examination at the age of { $age }.
card-gap-vaccination = Vaccinations are overdue: { $series }.
examinations-title = Preventive examinations
examinations-note = A day on which weight or length was measured counts as an examination.
card-undated = Of these measurements the day is not known, so they count as no examination: { $dates }. Write the day to count them.
examination-parts = Who looks, and what is measured
examination-done = Done
examination-missed = Missed
examination-late = Late
examination-due = Due
examination-not-yet = Not yet
examination-part-paediatrician = paediatrician
examination-part-neurologist = neurologist
examination-part-paediatric-surgeon = surgeon
examination-part-ophthalmologist = ophthalmologist
examination-part-dentist = dentist
examination-part-abdomen-ultrasound = ultrasound of the abdomen
examination-part-kidneys-ultrasound = ultrasound of the kidneys
examination-part-hips-ultrasound = ultrasound of the hips
examination-part-heart-ultrasound = ultrasound of the heart
examination-part-brain-ultrasound = ultrasound of the brain
examination-part-newborn-screening = newborn screening
examination-part-hearing-screening = hearing screening
examination-part-growth = growth
examination-part-development = development

# One person under two Patients
same-title = Registered twice?
same-merged = Merged into this record
same-merged-intro = What was written under these registrations is shown here. Each keeps its own record, so a merge can be undone.
same-undo = Undo
same-undo-button = They are two persons
same-reason = Why, in one line and without names
same-say-why = Say why in one line of at most 500 letters.
same-refused = This is not possible now: one of the two was merged already, or somebody has just changed them. Look again.
same-likely = May be the same person
same-nobody = Nobody.
same-find = Look for somebody else
same-find-label = Name, birth date or number
same-certain = certain
same-probable = probable
same-possible = possible
same-name = Name
same-other-names = Other names
same-address = Address
same-telecom = Telephone, e-mail
same-contact = Contacts
same-entries = Entries
compare-title = Both side by side
compare-agrees = Same?
compare-same = same
compare-differs = differs
compare-merge = Is it one person?
compare-intro = Then one registration stays and leads to both records. Nothing is rewritten, and the merge can be undone.
compare-stays = Which one stays
compare-button = It is one person
compare-leave = Leave it
later-title = What came while they were one
later-intro = The two stand for themselves again. What was written while they were one lies where it was written: tick what belongs to the other.
later-of = In the record of { $name }
later-nothing = Nothing was written here.
later-changed = Changed while they were one: look at it
later-deleted = Deleted while they were one
later-choose = Belongs to { $name }
later-button = Move what is ticked
later-moved = { $count ->
    [one] One entry was moved.
   *[other] { $count } entries were moved.
}
later-along = { $entry } belongs to what you ticked: tick it too.
compare-two = They are two persons
compare-two-button = Keep them apart
duplicates-title = Registered twice?
duplicates-intro = Each new registration is compared with all others. Look at both and decide.
duplicates-none = Nobody waits for a decision.
duplicates-waiting = { $count ->
    [one] One pair waits.
   *[other] { $count } pairs wait.
}
task-birth-notification = Birth notification
task-birth-annulment = Birth certificate annulled: the registry takes its entry back
task-birth-correction = Birth certificate amended: the registry takes note
task-newborn-amended = The birth certificate was amended, and this record says something else since: { $elements }. Judge the record
task-newborn-annulled = The birth certificate of this record was annulled: judge the record
number-doubt-check = { $number }: the check digit does not fit
number-doubt-placeholder = { $number }: nobody's number: only zeros, one digit repeated, or the one that is written for foreigners without a number
number-doubt = { $number }: not a possible number
number-doubt-birth-to-come = { $number }: says a birth in the future
life-doubt-birth-to-come = the birth date lies in the future
life-doubt-birth-long-ago = the birth date lies too long ago
life-doubt-no-date = no such birth date
life-doubt-death-to-come = the day of death lies in the future
life-doubt-death-before-birth = the day of death lies before the birth
life-doubt-death-told = a document says that the person died: { $day }
banner-merged = { $count ->
    [one] { $count } registration merged
   *[other] { $count } registrations merged
}

# The vaccination card a person carries
certificate-title = Vaccination card with code
certificate-intro = Whoever scans a code sees the name, the birth date and the vaccinations below, and that this institution signed them. Checking needs no connection to this server and tells it nothing.
certificate-trial = This server has no https address: applications that check cards will not accept these. They are for trying out.
certificate-nothing = No vaccination in this record has a code and a date.
certificate-no-person = There is no card: the record says no name or no birth date, and a card must say both. Add what is missing.
certificate-file = The same as a file for an application
certificate-left-out = { $count ->
    [one] One entry is on no card: it was not given or does not count, lies in the future, or has no code or date.
   *[other] { $count } entries are on no card: they were not given or do not count, lie in the future, or have no code or date.
}
certificate-second = { $count ->
    [one] One entry is on no card: it may be the second entry of a dose that is on it, known by its month or year or entered twice. Write its day, or mark it as entered in error.
   *[other] { $count } entries are on no card: they may be second entries of doses that are on it, known by their month or year or entered twice. Write their days, or mark them as entered in error.
}
certificate-picture = Code of the vaccination card
certificate-issuer = Signed by

passkey-title = Passkeys
passkey-intro = With a passkey you sign in by the lock of your device: a finger, your face or its PIN. It opens this site only, and nobody can make you type it elsewhere.
passkey-yours = Yours
passkey-none = You have none yet.
passkey-name = Name
passkey-name-help = So that you know it again, as “telephone” or “ward key”.
passkey-name-wrong = Give the passkey a name of at most 60 letters.
passkey-made = Added
passkey-used = Last used
passkey-never = not yet
passkey-synced = May be on several of your devices
passkey-single = On one device only
passkey-add = Add a passkey
passkey-elsewhere = Passkeys are made at { $address }, in a browser that knows them.
passkey-done = The passkey is there. From now on you can sign in with it alone.
passkey-gone = The passkey is gone. Everywhere else you are signed out.
passkey-password-wrong = The password of now is not right. Nothing was changed.
passkey-unproved = The answer of your device could not be used, or came too late. Try once more.
passkey-many = You have ten passkeys. Take one off first.
passkey-there = This passkey is there already.
passkey-failed = Your device gave no answer. Try once more, or sign in with your password.
passkey-remove = Take a passkey off
passkey-remove-help = Everywhere else you are signed out.
passkey-which = Which one
sign-in-passkey = Sign in with a passkey
sign-in-passkey-refused = This passkey does not open an account here. Try once more, or sign in with your password.

asked-title = Questions
asked-intro = What persons ask about who opened their record at your institution. Your answer goes into the record, and they read it under Who has looked.
asked-none = Nobody waits for an answer.
asked-about = The entry
asked-say = An answer has 1 to 2000 characters.
duty-title = Waits for your answer
duty-none = nothing
duty-waiting = { $count ->
    [one] { $count } waits
   *[other] { $count } wait
}
duty-since = since { $time }
sign-title = Openings to ask about
sign-own = As far as anybody can tell, this is their own record.
sign-address = The person lives at the same address.
sign-contact = The person has the same telephone or e-mail address.
sign-related = The record names them as a relative or contact of the person.
sign-namesake = The person has the same whole name and is not in the care of the institution.
sign-colleague = The person works here too and is not in the care of the institution.
sign-well-known = The person is well known and not in the care of the institution.
sign-night = It was night, and the person was not in the care of the institution. Told once a night.
unusual-many = Many persons within an hour

sign-in-provider = Sign in with { $name }
provider-title = One code more
provider-intro = { $name } has told us who you are, but not whose record is yours. Type the code a health station gave you; from then on { $name } is enough.
provider-button = Link and go on
provider-taken = This account of the provider is linked already.
provider-unlike = The code belongs to somebody else than the provider names. Ask the health station.
provider-refused = Your account here is closed. Ask a health station.
provider-late = That took too long, or began in another browser. Try once more.
provider-denied = The provider did not let you in. Try once more, or sign in with your password.
provider-unproved = What the provider answered proves nothing. Try once more, or sign in with your password.
provider-unreachable = The provider cannot be reached. Try later, or sign in with your password.

allowed-title = Programs I allowed
allowed-intro = What programs may do in your name, because you said yes. What you take back ends at once.
allowed-none = You have allowed no program anything that still holds.
allowed-span = Since { $began }, until { $until } at the latest.
allowed-gone = A program that was taken off
allowed-withdraw = Take back
allowed-withdraw-help = The program must ask you again.
allowed-withdrawn = Taken back. The program gets nothing more.

# ---- forms
sign-document = Sign
sign-go = Sign …
sign-as = You sign as
sign-by-institution = The institution signs it too.
sign-password = Your password
sign-code = A code of your second factor
sign-why = Your key is opened for this one signature and closed again.
sign-do = Sign
sign-not-yet = Not yet
sign-how = What is signed is not altered any more. A correction is another version, with a reason and signed anew; this one stays readable.
sign-annul = Take out of force
sign-annul-do = Sign that it is out of force
sign-annul-how = The document stays readable and says that it is out of force, and why. What followed from it in the record is marked as an error.
sign-annulled = The document is out of force.
sign-out-of-force = Out of force
sign-done = Signed.
sign-signed = Signed
sign-wrong = That is not right. Nothing was signed.
sign-later = { $count ->
    [one] Too many attempts. Try again in { $count } minute.
   *[other] Too many attempts. Try again in { $count } minutes.
}
sign-changed = The document changed meanwhile. Look at it again before you sign.
sign-refused = The record's rules refuse this signature: only who completed a form signs it.
sign-no-licence = This form is signed by somebody with a professional licence, and your account names none. Whoever keeps the accounts can add it.
sign-licence = licence { $number }
sign-list = Signatures
sign-institution = Institution
sign-elsewhere = Signed in another institution
sign-version = Version
sign-see = See this version
sign-evidence = Evidence for verifying it elsewhere
sign-old = This is an older version, as it was signed.
sign-newest = The newest version
sign-good = The signature is good
sign-good-revoked-later = Good; the certificate was revoked later, { $time }
sign-doubt-no-signature = This is no signature that can be read
sign-doubt-altered = The document was altered after it was signed
sign-doubt-another-document = The signature belongs to another document
sign-doubt-another-key = Signed with another key than that of its certificate
sign-doubt-unknown-authority = The certificate comes from an authority not trusted here
sign-doubt-expired = The certificate had expired when it was used
sign-doubt-not-yet = The certificate was not in force yet
sign-doubt-revoked = The certificate was revoked before it was used
sign-doubt-list = The list of revoked certificates is not that of the authority
sign-doubt-algorithm = Nobody here knows the algorithm of the signature
sign-doubt-another-name = The signature names somebody else than its certificate
signing-key-title = Your signing key
signing-key-help = If somebody else may have signed in your name, have its certificate revoked. What you signed before stays good; another key is made at your next signature.
signing-key-revoke = Have it revoked
signing-key-revoked = The certificate was revoked.
signing-key-none = There is no key to revoke.
papers-title = Papers and copies
papers-none = No paper of this document has been made.
paper-number = No.
paper-made = Made
paper-asked = Asked for by
paper-given = Handed over by
paper-code = Code
paper-make = Make a certified copy
paper-who-asks = Who asks for it
paper-make-how = The copy gets a number and a code. That it was made, for whom and by whom, stays in this list.
paper-certificate = Certificate
paper-copy = Certified copy
paper-short = Copy for an employer or a school, without the diagnosis
paper-refused = This paper cannot be made: the document must be signed, and who asks is told in at most 200 characters.
paper-annulled = This document was taken out of force: no paper is made of it and none is taken in.
paper-picture = Code for looking this paper up
paper-person = Person
paper-signed = Signed
paper-electronic = The original is an electronic document. This paper is verified with the code.
paper-look-up = Look it up with the code
paper-back = Back to the document
paper-pdf = PDF to keep or print
paper-page = Page { $page } of { $pages }
paper-failed = The PDF could not be made. The document is in the record and can be read on its page.
form-missing = The form that this document answers is not held here. Its answers are shown with the short names they bear, and nothing is corrected, signed or copied with them here.
form-missing-draft = The form of this draft is not held here. Its answers are shown with the short names they bear; it can be thrown away, and begun anew with a form that is here.
paper-unsigned = Not signed
paper-version = Version { $version } of this document, printed by the template { $template }.
paper-register-changed = The register of persons has changed since this was signed.
paper-added = { $count ->
    [one] One addendum follows the document.
   *[other] { $count } addenda follow the document.
}
paper-added-none = Nothing had been added to the document when this copy was made.
paper-added-without = This copy is of the document alone, without what may have been added to it.
paper-digest = Digest of what it was made of (SHA-256)
form-registered-today = When this was signed the person was registered as above. Today:
paper-once = Can be used once
paper-use = It is used now
paper-use-how = Press this when the person comes with the paper. From then on nobody can use it again.
paper-used-now = Taken in. It cannot be used again.
paper-used-before = This paper was used before.
paper-expired-use = The time of this paper is over. Whoever signed it can issue another.
paper-once-elsewhere = It was signed in another institution. Whether it was used there, or anywhere else, is not known here: ask who issued it before you take it in.
paper-once-left = The record was handed over to another institution on { $time }. Whether the paper was used there is not known here: ask there before you take it in.
paper-once-asked = I have asked there: it was not used.
paper-once-ask = This paper may have been used in another institution. Ask there, and say so.
paper-certificate-none = This certificate has no code yet: none was made when it was signed.
paper-certificate-make = Make the certificate with its code
verify-title = Is this paper true?
verify-intro = Type the code that stands on the paper, or scan its picture.
verify-look = Look it up
verify-absent = There is no paper with this code and this detail. Compare both with the paper.
verify-kind = What it is
verify-issuer = Issued by
verify-day = Of
verify-good = In force
verify-replaced = Replaced by a newer version
verify-revoked = Taken out of force
verify-expired = Its time is over
verify-used = Used already
verify-unsure = In force; whether it was used elsewhere is not known here
verify-detail = A detail of the paper
verify-detail-how = The birth date as the paper shows it, or at least the last four characters of a number of the person. Then what the paper says is shown.
verify-show = Show what it says
verify-compare = Compare this with the paper, word by word.
verify-compare-more = Part of what stands on the paper is nobody else's business and is not shown here. Compare the rest with the paper, word by word.
verify-another = Another paper
verify-authority = Whose signatures these are
verify-authority-intro = This institution certifies the keys of its staff. Whoever verifies a signed document elsewhere compares this fingerprint.
verify-fingerprint = Fingerprint (SHA-256)
verify-authority-file = The certificate as a file
verify-card-title = Check a vaccination card
verify-card-intro = Paste what a scanner reads from the code (it begins with shc:/), or the text of the card's file. Nothing of it is kept.
verify-card-text = The card
verify-card-do = Check
verify-card-good = This card is true
verify-card-none = This is no vaccination card.
verify-card-unknown = The card was not signed by this institution.
verify-card-forged = The card was altered or is forged.
verify-card-early = The card is not good yet.
verify-card-revoked = The card was taken back.
certificate-take-back = Take back the cards that were given out
certificate-take-back-how = Where a card fell into wrong hands or was wrong: every card of this person until now is then refused by whoever checks. A new one can be given at once.
certificate-take-back-do = Take them back
form-fault-ends-before = The last day lies before the first, or before today.
form-fault-not-whole-day = The dates of this paper are whole days.
form-fault-overlaps = Some of these days lie in another certificate ({ $bound }). Begin after it, or take that one out of force.
form-fault-too-many-days = One paper covers at most { $bound } days. Issue another one for the rest.
form-fault-too-many-in-all = Without a gap at most { $bound } days are possible.
form-fault-needs-commission = Over { $bound } days without a gap the commission decides: name its decision.
form-fault-follows-nothing = It says that it goes on, and no certificate ends the day before. Choose the first type, or begin the day after.
form-fault-begins-too-early = It begins at the earliest on { $bound }.
form-fault-begins-too-late = It begins at the latest on { $bound }: for a later day issue the paper nearer to it.
form-fault-holds-too-long = The day is at the latest { $bound }.
form-fault-born-to-come = The birth lies in the future: look at its day and hour.
form-fault-mother-is-man = The record says that this person is a man. A birth certificate is filled in in the record of the mother.
form-fault-mother-died = The record says that the mother had died before that day. Look at both days.
form-fault-mother-age = On that day the mother would be outside the ages of { $bound } years, by her birth date. Look at both days.
form-fault-person-died = The record says that the person had died before the last day of this paper. Look at both days.
form-fault-person-is-man = The record says that this person is a man. This kind of paper is for a pregnancy or a birth.
form-fault-person-age = On the first day the person would be outside the ages of { $bound } years, by the birth date. Look at both days.
form-fault-weight-for-weeks = The weight does not fit the weeks of gestation (expected: { $bound }). Look at both.
form-fault-born-already = This child has a birth certificate already ({ $bound }). Open that one and amend it; of twins, say the order of birth.
form-fault-born-beside-single = Another certificate ({ $bound }) says that the child of these days was born alone. Is this its twin, amend that one: several, and its order. Is it the same child, amend that one instead of this.
form-fault-born-too-near = Another certificate ({ $bound }) tells of a birth of this mother, and between the two there is no time for a pregnancy of these weeks. Look at the day and the weeks of both; of twins both say that there were several, each with its order.
form-fault-which-newborn = More than one newborn of this mother and day is registered who may be this child. Give the order and the hour of birth here; if they are there already, have whoever keeps the register write them into the newborns' records first.
paper-short-do = Without the diagnosis
forms-title = Forms
forms-drafts = Drafts to go on with
forms-begin = Fill in a form
forms-completed = What was written
forms-none = There are no forms here.
forms-none-completed = No form has been completed yet.
forms-find = Find a form
forms-find-button = Find
forms-found = Forms found
forms-found-none = No form has such a name. Words of its title in any of the four languages are understood.
forms-all = All forms that fit this person
forms-often = Used most
forms-kind-visit = Visits
forms-kind-hospital = Hospital
forms-kind-programme = Programmes
forms-kind-prevention = Children, vaccinations, prevention
forms-kind-paper = Papers
forms-kind-consent = Consent and refusal
forms-kind-other = Other forms
forms-others = { $count ->
    [one] One form is for other ages or another sex. It is found by its name.
   *[other] { $count } forms are for other ages or another sex. They are found by their names.
}
forms-form = Form
forms-written = Written
forms-by = By
forms-fill = Fill in
forms-official = Official
forms-proposed = Proposed
forms-standing = Official: a source that was read says which fields the form has. Proposed: no such source was reached; the fields are a proposal and no rule.
forms-amendment = Amendment
forms-amended = Amended
forms-unknown = A form that is not held here
forms-back = All forms of this person
form-yes = Yes
form-no = No
form-no-answer = No answer
form-nothing = nothing
form-other = Something else, in words
form-required = An answer is needed
form-unit = Unit
form-more = More about it
form-attachment = An attachment
form-find = Find
form-no-list = No list of these codes is held here: write it in words.
form-found-more = The first { $count }; type more to narrow it.
form-add = Add a row
form-remove = Remove
form-save = Save the draft
form-complete = Complete
form-discard = Throw the draft away
form-discarded = The draft was thrown away. Its history stays.
form-how = Every save is kept. Only what is completed becomes part of the record.
form-saved = Saved { $time }
form-saving = Saving …
form-not-saved = Not saved yet; it will be tried again.
form-conflict-short = Somebody else has saved this form. Press “Save” to see both.
form-conflict = Somebody else has saved this form meanwhile. Nothing of yours is written yet and nothing is lost: where the other version differs, it stands under the field. Correct what you need and save again.
form-changed = The form was changed after this page was opened. Nothing is written yet: what you typed stands below, save choices and amounts. Look through it, choose again and save.
form-completed-meanwhile = This form was completed meanwhile. What you typed was not written; what counts stands below.
form-theirs = In the other version:
form-overtaken = This document was amended after this amendment was begun, so completing it would take away, unsaid, what was put right meanwhile.
form-overtaken-see = The document as it stands
form-anew = Begin anew
form-anew-how = What you changed stays in this draft; everything else is as the newer version says, and where the two differ both are shown. Nothing is completed by it.
form-anew-done = Begun anew from the newer version. What you changed stands in the fields; where that version says something else, it stands under the field.
form-overtaken-annulled = This document was taken out of force after this amendment was begun: nothing amends it any more. Throw the draft away.
form-parts = Sections
form-confirm-one = From the record: I have checked it
form-confirm-all = All of it is right
form-absent-label = No answer because …
form-absent-unknown = Not known
form-absent-not-asked = Not asked
form-absent-declined = Declined to answer
form-refused = What follows from this form breaks a rule of the record. The draft is kept; tell whoever keeps the forms.
form-source = Where the fields come from:
form-followed = What follows from it in the record
form-amend = Amend
form-amend-reason = Why
form-amend-how = The form opens as a draft with these answers. Completed, it becomes a new version; the old one stays in the history.
form-amend-begin = Begin the amendment
form-amend-wrong = An amendment needs a reason of at most a thousand characters.
form-fault-missing = An answer is needed.
form-fault-too-few = At least { $bound } are needed.
form-fault-too-many = At most { $bound }.
form-fault-too-long = At most { $bound } characters.
form-fault-too-short = At least { $bound } characters.
form-fault-not-number = This is not a number.
form-fault-not-whole = This is not a whole number.
form-fault-grouped = This can be read in two ways. Write thousands without a sign (1500), and a fraction with a point (1.5); where three digits follow the point, add a zero (1.2340).
form-fault-too-small = At least { $bound }.
form-fault-too-large = At most { $bound }.
form-fault-too-precise = At most { $bound } digits after the point.
form-fault-not-date = This is not a date.
form-fault-not-time = This is not a time of day.
form-fault-not-address = This is not an address of the web.
form-fault-pattern = This is not written in the form that is wanted.
form-fault-not-offered = This is none of the choices.
form-fault-no-unit = The unit is missing.
form-fault-unit-not-offered = This unit is not offered.
form-fault-wrong-type = There is an answer that this form does not ask for.
form-fault-unconfirmed = It comes from the record: check it and confirm it.
form-fault-rule = A rule of the form is broken.
form-found = { $count ->
    [one] { $count } found.
   *[other] { $count } found.
}
form-wrong = { $count ->
    [one] One thing is not right yet
   *[other] { $count } things are not right yet
}
form-flaws = { $count ->
    [one] { $count } part of this form cannot be read and is left out. Tell whoever keeps the forms.
   *[other] { $count } parts of this form cannot be read and are left out. Tell whoever keeps the forms.
}
form-unconfirmed = { $count ->
    [one] { $count } answer comes from the record and is not confirmed yet.
   *[other] { $count } answers come from the record and are not confirmed yet.
}
form-done = { $count ->
    [one] Completed. { $count } entry of the record follows from it.
   *[other] Completed. { $count } entries of the record follow from it.
}

# How long a record is kept
held-record = The record is held and is not erased.
held-kind = Documents of it are held and are not erased ({ $kind }).
held-until = Until { $day }.
held-open = Until the hold is released.
held-by = Asked for by { $login }: { $reason }.
kept-until = Kept at least until { $day }.
kept-undated = Until when it is kept cannot be told: nothing in it has a day to count from.
kept-by-writing = { $count ->
    [one] { $count } entry does not say when it was made and counts as of the day it was last written here
   *[other] { $count } entries do not say when they were made and count as of the day they were last written here
}
kept-for-life = { $count ->
    [one] Kept for life, and at least { $count } year more.
   *[other] Kept for life, and at least { $count } years more.
}

# ---- what takes two

agreements-title = Second person
agreements-intro = Erasing a person and taking the whole site elsewhere take two people. Ask whoever wants it before you agree; your answer stays in the journal with your name.
agreements-none = Nobody waits for you.
agreements-erasure = Erase a person for good
agreements-export = Take the whole site elsewhere
agreements-persons = Take the records of all persons elsewhere
agreements-asked = Asked by
agreements-no-reason = No reason was given.
agreements-until = Until { $time }
agreements-by = Agreed
agreements-agree = Agree this once
agreements-agree-standing = Agree for 30 days
agreements-why-not = Why not
agreements-decline = Decline
agreements-withdraw = Take the agreement back
agreements-agreed = You have agreed.
agreements-declined = You have declined.
agreements-withdrawn = The agreement is taken back.
agreements-reason-wrong = Say why, in 1 to 500 characters on one line.

# ---- a site that wants passkeys, and a provider linked later

sign-in-passkey-only = This site takes passkeys only: choose Sign in with a passkey. If you have lost yours, ask whoever keeps the accounts.
passkey-required = This site takes passkeys only. Add one now; from then on you come in with it and not with your password.
passkey-last = This is your last passkey, and this site wants one. Add another before you take it off.
accounts-no-passkey = no passkey yet
provider-link = Sign in with { $name }, too
provider-link-title = Link your account
provider-link-ask = { $name } has told us who you are. Shall it let you into this account from now on?
provider-link-yes = Link
provider-link-no = Leave it
provider-linked = Linked. From now on you come in with either.
provider-is-linked = { $name } lets you in.
provider-unlink = Take the link off
provider-unlink-help = It wants your password, with which you come in afterwards. Whoever came in by the provider is signed out.
provider-unlinked = The link is taken off.
provider-unlike-account = The provider names somebody else than this record. Ask a health station.

# ---- who pays, to which unit the person belongs, and going to another institution

section-coverage = Insurance and unit
coverage-title = Insurance
coverage-covered = Insured today
coverage-uncovered = Nobody pays today
coverage-none = No insurance is recorded.
coverage-payor = Who pays
coverage-payor-treats = { $name } (treats)
coverage-payor-asked = The one I chose treats by its record, and it pays for this person.
coverage-number = Number
coverage-number-wrong = the number is not one of its scheme
coverage-from = From
coverage-until = Until
coverage-now = now
coverage-past = ended
coverage-later = begins later
coverage-void = not in force
coverage-overlaps = overlaps another one
coverage-gap = { $count ->
    [one] Nobody paid for { $count } day
   *[other] Nobody paid for { $count } days
}
coverage-end = End it
coverage-end-button = It ends on this day
coverage-last-day = Last day
coverage-last-day-if = Last day, if it is known
coverage-first-day = First day
coverage-desk = At the desk
coverage-find = Find a unit, an institution or an insurer
coverage-find-help = What is found can be chosen below. Without a search these are the ones the record names.
coverage-found-none = Nothing of that name was found.
coverage-find-first = Find the unit or the insurer first.
coverage-begin = Insurance begins
coverage-begin-button = It begins on this day
coverage-kind = Kind
coverage-kind-public = public insurance
coverage-kind-subsidised = subsidised programme
coverage-kind-extended = additional insurance
coverage-kind-private = private insurance
coverage-scheme = Scheme of the number
coverage-scheme-none = another one, which is not checked
coverage-fault = This is not possible now: somebody has just changed it. Look again.
coverage-fault-payor = Choose who pays and the kind of insurance.
coverage-fault-payor-asked = By its record the one you chose treats. If it pays for this person, choose it again and mark that it does; else choose who pays.
coverage-fault-overlaps = Look at the days: the new insurance begins before the last day of those that end is over. Let it begin the day after.
coverage-fault-day = Look at the days: the last one is not before the first, and what has ended is not lengthened.
coverage-fault-no-first-day = Look at the days: the first one does not exist, or is no whole day.
coverage-fault-no-last-day = Look at the days: the last one does not exist, or is no whole day.
coverage-fault-far-first-day = Look at the days: the first one lies too far away.
coverage-fault-far-last-day = Look at the days: the last one lies too far away.
coverage-fault-before-birth = Look at the days: the first one lies before the birth date of the person.
coverage-fault-ended-already = Look at the days: this insurance has ended by then already, and what has ended is not lengthened.
coverage-fault-ends-before = Look at the days: the last one lies before the first.
coverage-fault-number = The number is not one of its scheme: its length or its check digit is wrong.
coverage-fault-unit = Choose another unit. A change stays within the institution or goes anywhere; a transfer goes to another institution from one the person belongs to; a unit out of use takes nobody.
coverage-fault-not-a-unit = Choose another unit: nobody is assigned to an insurer, a payer or a laboratory. If it treats as well, its record must say so (type prov).
unit-title = Assigned unit
unit-column = Unit
unit-now = now
unit-past = before
unit-transferred = transferred away
unit-none = Assigned to no unit.
unit-none-desk = Find the unit below and assign the person.
unit-new = New unit
unit-change = Change the unit
unit-change-intro = One act: staff of the new unit see the whole record at once. The units before stay listed, and a new family doctor is named there.
unit-change-button = Assign to this unit
transfer = Transfer to another institution
transfer-intro = The new institution sees the whole record at once. The one before keeps what it wrote itself and sees nothing else any more, but in an emergency. Nothing is deleted.
transfer-ends = Insurance that ends
transfer-payor = Who pays from now on
transfer-payor-none = nobody is known yet
transfer-button = Transfer

forms-said-person = Said by the person
forms-said-proxy = Said by somebody who acts for the person
forms-said-you = Said by you
mine-forms = Forms for you
send-check = Check and send
send-draft = Every save is kept. Only what you send is shown to those who treat.
send-title = Send it
send-as = Sent by
send-do = Send
send-not-yet = Not yet
send-how = It goes into the record as your words, with your name and the time. It is not changed afterwards: to correct something, send the form again.
send-consent = What you agree to or refuse here holds from the moment you send it, until you send something else.
send-changed = The form was changed meanwhile. Look at it again before you send it.
send-done = Sent. Those who treat see it as your words.
form-take = Go on with these answers
form-take-how = A draft opens with what the person said. You confirm each answer, and what you complete is yours; what the person said stays as it is.
vaccine-refused = Refused on { $day }
overdue-refused = { $since } (refused on { $day })
form-addendum = Addendum
form-addendum-open = Open the addendum with its signatures
form-appends = An addendum to:
form-append = Add something
form-append-how = An addendum is a document of its own with a signature of its own. The signed document stays as it is, and both are shown together. To correct what is wrong, amend.
form-append-wrong = Something is added only to a signed document that is in force, and where the site holds a form for it.
form-append-annulled = Nothing is added to a document that was taken out of force. Write what is to be known as a document of its own; a draft of an addition can be thrown away.
forms-addendum-alone = An addendum is begun from the document it adds to: open the signed document and press “Add something”.
form-fault-too-costly = The form is too costly at “{ $bound }”: what it calculates or asks there cannot be worked out. Tell whoever keeps the forms.
form-fault-not-begun = What the record says here could not be filled in: working it out would cost too much. Fill it in yourself, and tell whoever keeps the forms.
form-fault-left-out = Of the record { $bound } more would belong here than the form has room for. Look at the record, and say here what matters of them.
form-fault-unsettled = The formulas of the form contradict each other at “{ $bound }”. Tell whoever keeps the forms.

# What happened after a vaccination.
event-title = What happened after a vaccination
event-intro = What was seen after a dose. It says nothing about the cause; whoever gives the next dose will see it and weigh it.
event-dose = After which dose
event-what = What happened
event-words = In words
event-day = Began on
event-serious = It put life in danger, brought to hospital, or left something behind
event-write = Write down
event-fault-dose = Choose a dose of this record.
event-fault-what = Say what happened; where it is something else, in words.
event-fault-day = The day is not before the dose and not in the future.
event-fever = Fever
event-local-reaction = Reaction where it was given
event-rash = Rash
event-crying = Crying for hours
event-seizure = Seizure
event-collapse = Collapse or limpness
event-anaphylaxis = Anaphylaxis
event-intussusception = Intussusception
event-other = Something else
event-is-serious = serious
event-add = Write down a reaction
reason-after-event = After an earlier dose something happened on { $day }: weigh it before the next one.
reason-after-serious-event = After an earlier dose something serious happened on { $day }: a physician decides about the next one.

# Milestones of development.
milestones-title = Development
milestone = What the child does
milestone-ages = Ages
milestones-note = Late is only what somebody looked for and did not see. Born before 37 weeks: compared at the corrected age until two years.
milestone-is-reached = Does it
milestone-is-late = Late
milestone-is-unknown = Nobody wrote of it
milestone-is-skipped = Not every child does it
milestone-is-now = Its time
milestone-is-not-yet = Later
milestone-why-late = Looked for and not seen; nearly all children do it by { $age }.
card-gap-milestone = Not written down whether the child does it: { $milestone }
milestone-smiles = Smiles at people
milestone-holds-head = Holds the head
milestone-rolls = Rolls over
milestone-sits-alone = Sits without help
milestone-stands-with-help = Stands with help
milestone-crawls = Crawls on hands and knees
milestone-walks-with-help = Walks with help
milestone-stands-alone = Stands alone
milestone-walks-alone = Walks alone
milestone-first-words = Says words
milestone-phrases = Says phrases

# ---- where a person lives

section-address = Address
address-title = Where the person lives
address-none = No address is recorded.
address-kind = For
address-use-home = home
address-use-work = work
address-use-temp = for a time
address-use-billing = bills
address-now = now
address-past = before
address-since = since { $year } { $place }
address-mend = Put it right
address-mend-title = Put an address right
address-mend-help = What was written wrong is changed; the version before stays in the history. A province that is no more stays as it was written. Somebody who moved gets a new address instead.
address-mend-button = Put it right
address-move = The person moves
address-move-help = The new address begins on its first day, and the one of now ends the day before. Nothing is lost.
address-move-button = Write down the new address
address-move-instead = The person moves instead
address-country = Country
address-country-button = Show its list
address-country-name = Name of the country
address-elsewhere = another one
address-state = Province, state or region
address-state-help = Type the beginning and choose. The list has what there is today.
address-as-typed = It is not on the list: take it as I typed it
address-district = District or municipality
address-city = Town or village
address-line = Street and house
address-postal = Postal code
address-fault-state = This is on no list of that country. Choose from the list, or say that it is taken as you typed it.
address-fault-ended = This is no more. Today it is { $place }: choose that.
address-fault-kept = The province that was written became this one. The address keeps what was written, and the page says beside it what it is today. Leave it, or write down that the person moved.
address-fault-day = Look at the first day: it is not to come, and not before the address of now began. If that one is wrong, put it right.
address-fault-no-day = Look at the first day: it does not exist, or is no whole day. Write year, month and day.
address-fault-place = Look at the address: it says at least a place, and each part is a short line.
death-title = Death
death-record = Record a death
death-correct = Put the day of death right
death-help = Everybody who opens the record sees that this person died. Look once more at who it is. A day that is not known is not guessed.
death-day = Day of death
death-time = Time, if it is known
death-undated = Nobody knows the day
death-known-from = Where this is known from (a certificate, a message), in one line and without names
death-button = Write it down
death-take-back = Take it back: it was entered for the wrong person
death-take-back-help = The record no longer says that this person died. What was said stays in the history.
death-take-back-button = Take it back
death-fault-day = Look at the day: give one that exists, or say that nobody knows it and leave day and time empty.
death-fault-to-come = Look at the day and the time: a death is written down after it happened.
death-fault-birth = Look at the day: it lies before the birth date of the person.
life-fault-record = Something else in the data of this person cannot be right, such as the birth date. Put that right first.

# ---- where an entry was written

field-institution = Institution
institution-not-stated = institution not stated
openings-from-elsewhere = From elsewhere
openings-from-elsewhere-intro = These looks took place in another house, before the record came here. That house told of them when it handed the record over; they are its word and no part of the log above.
openings-from-elsewhere-more = { $count ->
    [one] { $count } older look is not shown.
   *[other] { $count } older looks are not shown.
}

register-title = Register a person
register-kind = Who it is
register-kind-known = Papers at hand
register-kind-foreigner = Foreigner with a passport
register-kind-unknown = Unknown, in an emergency
register-kind-newborn = Newborn of a mother who is here
register-newborn-of = Register a newborn
register-country = Country of the papers
register-country-button = Show its fields
register-born = Birth date
register-born-help = Day, month and year; or the year alone, where no more is known. It may be left out where a number tells it.
register-age = Or about how old, in years
register-age-help = It is kept as the year of birth, marked as a guess.
register-age-alone = About how old, in years
register-mother = Mother
register-mother-help = Her number or her name. Open her record, if she is there, and come from it: then she need not be sought.
register-mother-seek = Find
register-mother-this = This is the mother
register-mother-other = Another mother
register-mother-none = Register her first; unknown, if she cannot say who she is.
register-mother-missing = A newborn is registered with the mother: find her, and choose her.
register-born-day = Day of birth
register-born-day-help = Day, month and year.
register-born-time = Time of birth
register-born-time-help = Hour and minute, as 9:15.
register-birth-order = Which of how many
register-birth-order-help = Among twins it tells them apart, also for the birth certificate.
register-birth-single = the only one
register-birth-nth = { $place } of several
register-same-mother = The same mother, the same day.
register-former-number = This person bore this number before: look whose it is.
register-passport = Number of the passport
register-passport-country = Country that gave it
register-passport-country-help = Three letters, as they stand in the passport: FRA, CHN.
register-contact = Whom to call, name
register-contact-telephone = Whom to call, telephone
register-place = Where they were found
register-place-help = With the provisional number it tells several unknown persons apart.
register-number-help = With or without spaces. What it tells need not be typed.
register-look-again = Nobody was registered yet: look at the marked fields.
register-fault-missing = This is needed.
register-fault-unreadable = This cannot be read: compare it with the document.
register-fault-impossible = This lies in the future or too long ago: look at the year.
register-fault-short = Signs are missing: compare it with the document.
register-fault-long = There are signs too many: compare it with the document.
register-fault-sign = A sign cannot stand where it stands: letters and digits look alike.
register-fault-no-digit = It has letters alone: the digits of the number are missing. Compare it with the document.
register-fault-birth = The birth date in it does not exist: compare it with the document.
register-fault-region = The region in it is on no list: compare it with the document.
register-fault-check = The check digit does not fit: one sign is wrong, or two are exchanged.
register-fault-placeholder = These are only zeros, one digit repeated, or the number that is written for foreigners without one: type the number of the document, or none.
register-fault-birth-to-come = It says a birth in the future: compare its digits of century and year with the document.
register-fault-contradicts = The birth date and the age say different things: correct one, or leave one empty.
register-held = This person is registered already: somebody bears the same number. Open their record, or put the number right.
register-held-elsewhere = A number belongs to somebody who is registered already. Nobody was registered now. Look again, or ask the records clerk.
register-likely-help = Open the record if it is the person. If nobody is, register below.
register-this = This is the person
register-agrees = Agrees: { $what }.
register-differs = Differs: { $what }.
register-limit-twins = May be a twin.
register-limit-country = Told of two countries.
register-limit-number = Another number that only one person may have.
register-limit-other = The number may be somebody else's.
register-warnings = What does not fit together
register-says-birth = { $number } tells another birth date.
register-says-sex = { $number } tells another sex.
register-confirm = I have compared it with the papers: register it as typed.
register-button = Register
register-new-button = Register as a new person
register-again-button = Look again

# Lời của các trang bằng tiếng Việt. Bốn tệp có cùng các khóa.

# ---- khung của mọi trang
skip-to-content = Đến nội dung chính
find-label = Tìm người bệnh
find-placeholder = Họ tên, ngày sinh hoặc số định danh
find-button = Tìm
sign-out = Đăng xuất
language-label = Ngôn ngữ
rail-label = Hồ sơ
banner-label = Người bệnh
keyboard = Bàn phím
close = Đóng
back-to-overview = Về trang tổng quan
show-all = Tất cả
not-stated = Chưa ghi

keys-title = Phím tắt
keys-find = Tìm người bệnh
keys-map = Danh sách này
keys-go = Sau đó đến
keys-off = Tắt phím tắt một chữ cái
keys-on = Bật phím tắt một chữ cái
keys-without = Các trang vẫn dùng được khi không có bàn phím và không có script.

# ---- đăng nhập
sign-in-title = Đăng nhập
sign-in-intro = Hồ sơ sức khỏe của cơ sở.
sign-in-login = Tên đăng nhập
sign-in-password = Mật khẩu
sign-in-button = Đăng nhập
sign-in-refused = Tên đăng nhập hoặc mật khẩu không đúng.
sign-in-wait = Đã thử quá nhiều lần với tên đăng nhập này. Hãy thử lại sau { $count ->
   *[other] { $count } phút
}.
sign-in-ended = Phiên làm việc đã kết thúc. Hãy đăng nhập lại.
sign-in-expired = Trang này đã mở quá lâu. Hãy thử lại.
sign-in-trace = Mỗi hồ sơ được mở đều được ghi lại và người bệnh có thể xem.

# ---- tìm người bệnh
find-title = Tìm người bệnh
find-help = Một phần họ tên theo thứ tự bất kỳ, có dấu hoặc không dấu; ngày sinh; hoặc số định danh.
find-example = Ví dụ: hoa nguyen 1958 · 14/03/1958 · số định danh viết liền hoặc cách
find-none = Không tìm thấy ai.
find-none-hint = Hãy thử ít từ hơn, chỉ năm sinh hoặc chỉ số định danh.
find-count = { $count ->
   *[other] { $count } người
}
find-more = Đang hiện { $count } người đầu tiên. Thêm một từ hoặc năm sinh để thu hẹp.
find-column-person = Người bệnh
find-column-born = Ngày sinh
find-column-sex = Giới
find-column-identifier = Số định danh
find-column-place = Nơi ở
find-column-seen = Lần khám gần nhất

# ---- là ai
born = Sinh
born-about = khoảng { $date }
age-about = khoảng { $age }
sex = Giới
died = Tử vong
age-years = { $count ->
   *[other] { $count } tuổi
}
age-months = { $count ->
   *[other] { $count } tháng tuổi
}
age-days = { $count ->
   *[other] { $count } ngày tuổi
}
age-at-death = lúc { $age }
gender-male = Nam
gender-female = Nữ
gender-other = Khác
gender-unknown = Không rõ
name-unknown = Chưa ghi họ tên
identifier = Số định danh
insurance = Bảo hiểm
allergy = Dị ứng
allergies-none = Chưa ghi nhận dị ứng (đã hỏi)
allergies-none-asked = Chưa ghi nhận dị ứng (đã hỏi ngày { $date })
allergies-not-asked = Chưa hỏi tiền sử dị ứng
allergies-copy = Dị ứng: không có trong bản sao này
record-copy = Đây là bản sao không đầy đủ: người này đã rời cơ sở của bạn. Những gì nơi khác ghi và những gì có sau đó không được hiển thị; điều còn thiếu, đến hạn hay quá hạn ở đây có thể đã được ghi ở nơi khác.
banner-more = thêm { $count }
flags-more = { $count ->
   *[other] và { $count } cảnh báo khác
}

# ---- các phần của hồ sơ
section-overview = Tổng quan
section-timeline = Diễn biến
section-problems = Vấn đề
section-notes = Ghi chép
section-medicines = Thuốc
section-results = Kết quả
section-vitals = Sinh hiệu
section-imaging = Hình ảnh
section-referrals = Chỉ định, chuyển tuyến
section-admissions = Nằm viện
section-plans = Kế hoạch chăm sóc
section-vaccinations = Tiêm chủng
section-growth = Tăng trưởng

# ---- tổng quan
problems-active = Vấn đề đang theo dõi
problems-resolved = Vấn đề đã khỏi
problems-none = Chưa ghi nhận vấn đề đang theo dõi.
problem = Vấn đề
state = Tình trạng
since = Từ
until = Đến
problem-active = Đang mắc
problem-recurrence = Tái phát
problem-relapse = Tái phát sau lui bệnh
problem-inactive = Không hoạt động
problem-remission = Lui bệnh
problem-resolved = Đã khỏi
problem-provisional = Chưa xác định

medicines-current = Thuốc đang dùng
medicines-past = Thuốc đã dùng
medicines-none = Chưa ghi nhận thuốc đang dùng.
medicine = Thuốc
medicine-how = Cách dùng
medicine-on-hold = Tạm ngừng
medicine-not-given = Không được dùng
medicine-reported = Theo lời người bệnh
medicine-stopped = Đã ngừng
medicine-completed = Đã dùng xong
medicine-cancelled = Đã hủy
medicine-draft = Bản nháp
dose-times = { $count ->
   *[other] { $count } lần
}
dose-per-day = mỗi ngày
dose-per-hours = { $count ->
   *[other] mỗi { $count } giờ
}
dose-per-days = mỗi { $count } ngày
dose-per-week = mỗi tuần
dose-per-month = mỗi tháng
dose-as-needed = khi cần

results-latest = Kết quả mới nhất
results-none = Chưa có kết quả.
result-test = Xét nghiệm
result-value = Kết quả
result-previous = Lần trước
result-trend = Xu hướng
result-high = cao hơn chỉ số tham khảo
result-low = thấp hơn chỉ số tham khảo
result-critical-high = cao đến mức nguy hiểm
result-critical-low = thấp đến mức nguy hiểm
result-abnormal = bất thường
result-normal = trong chỉ số tham khảo
result-absent = Không có giá trị
result-preliminary = Sơ bộ
result-corrected = Đã sửa
result-yes = Có
result-no = Không
trend-label = { $name }, từ cũ đến mới: { $values }
trend-reference = Chỉ số tham khảo

vitals-none = Chưa ghi sinh hiệu.
vital-sign = Chỉ số
vital-blood-pressure = Huyết áp
vital-pulse = Mạch
vital-saturation = SpO₂
vital-temperature = Nhiệt độ
vital-breathing = Nhịp thở
vital-weight = Cân nặng
vital-height = Chiều cao
vital-mass-index = BMI
vital-head = Vòng đầu
unit-mercury = mmHg
unit-per-minute = lần/phút

visit-this = Lần khám này
visit-open = Đang khám từ { $date }
visit-last = Lần khám gần nhất { $date }
visit-never = Chưa ghi nhận lần khám nào.
visit-next = Lịch hẹn kế tiếp { $date }
days-ago = { $count ->
    [0] hôm nay
    [1] hôm qua
   *[other] { $count } ngày trước
}

story-latest = Diễn biến gần đây
story-none = Chưa có lần khám nào.

due-open = Việc đến hạn và còn mở
due-none = Không có việc nào đến hạn hay còn mở.
due-referral = Chưa có trả lời
due-result = Chờ kết quả
due-appointment = Lịch hẹn
due-task = Việc cần làm
due-vaccine = Tiêm chủng
due-overdue = Quá hạn
due-more = Thêm { $count } mục
due-on = Đến hạn { $date }
due-since = Từ { $date }
address-today = nay là { $place }

sources-title = Nguồn và phần còn thiếu
sources-places = { $count ->
   *[other] Nguồn: { $count } cơ sở
}
sources-entries = Số mục
sources-last-entry = Mục gần nhất
sources-received = Nhận lúc
sources-silent = Không có gì từ { $date }
sources-unknown = Chưa ghi cơ sở
sources-none = Chưa nhận được gì.
sources-flawed = { $count ->
   *[other] { $count } mục được giữ lại dù sai quy tắc định dạng.
}

# ---- diễn biến
timeline-title = Diễn biến
timeline-kind = Loại
timeline-place = Cơ sở
timeline-everything = Tất cả lâm sàng
timeline-every-place = Mọi cơ sở
timeline-none = Không có mục phù hợp.
timeline-events = { $count ->
   *[other] { $count } mục
}
timeline-years = Năm
timeline-no-date = Không ghi ngày
timeline-values-more = { $count ->
   *[other] và { $count } giá trị nữa
}
page-newer = Mới hơn
page-older = Cũ hơn
page-of = Trang { $page } trên { $pages }

kind-visit = Khám ngoại trú
kind-home-visit = Khám tại nhà
kind-remote-visit = Khám từ xa
kind-emergency = Cấp cứu
kind-admission = Nằm viện
kind-note = Ghi chép
kind-result = Kết quả
kind-measurement = Sinh hiệu
kind-history = Hỏi bệnh và thói quen
kind-problem = Vấn đề
kind-allergy = Dị ứng
kind-medicine = Thuốc
kind-dispense = Cấp phát thuốc
kind-vaccination = Tiêm chủng
kind-procedure = Thủ thuật
kind-imaging = Chẩn đoán hình ảnh
kind-referral = Chỉ định hoặc chuyển tuyến
kind-plan = Kế hoạch chăm sóc
kind-appointment = Lịch hẹn
kind-family = Tiền sử gia đình
kind-device = Thiết bị
kind-consent = Đồng ý
kind-administration = Hành chính
kind-other = Mục khác
kind-person = Người bệnh

# ---- một tài liệu
document-received = Dữ liệu nhận được
document-received-note = Nguyên văn như khi nhận, dành cho người kết nối hệ thống.
document-received-long = Dữ liệu nhận được quá dài để hiện ở đây ({ $count } byte). Giao diện /fhir cung cấp đầy đủ.
document-version = Phiên bản { $version }, nhận { $date }
document-flawed = Mục này được giữ lại dù sai quy tắc định dạng.
document-no-text = Mục này không có nội dung đọc được.
document-attachment-other = Tệp đính kèm loại { $type } không thể hiện ở đây.
document-narrative = Nội dung như khi nhận
document-visit = Lần khám
document-belongs = Ghi trong lần khám này
document-entered-in-error = Ghi nhầm

field-status = Tình trạng
field-what = Nội dung
field-date = Ngày
field-period = Thời gian
field-place = Nơi thực hiện
field-person = Người thực hiện
field-reason = Lý do
field-note = Ghi chú
field-site = Vị trí
field-value = Giá trị
field-conclusion = Kết luận
field-diagnosis = Chẩn đoán
field-severity = Mức độ
field-reaction = Phản ứng
field-dose = Liều
field-lot = Số lô
field-manufacturer = Nhà sản xuất
field-activity = Hoạt động
field-goal = Mục tiêu
field-priority = Mức ưu tiên
field-description = Mô tả
field-phone = Điện thoại
field-address = Địa chỉ
field-contact = Người liên hệ
field-name = Họ tên
field-quantity = Số lượng
field-identifier = Số định danh
field-policy-holder = Cơ quan bảo hiểm

status-active = Đang hiệu lực
status-completed = Hoàn thành
status-planned = Dự kiến
status-in-progress = Đang thực hiện
status-on-hold = Tạm ngừng
status-cancelled = Đã hủy
status-stopped = Đã ngừng
status-draft = Bản nháp
status-final = Chính thức
status-preliminary = Sơ bộ
status-amended = Đã sửa
status-registered = Đã đăng ký
status-not-done = Không thực hiện
status-booked = Đã hẹn
status-unknown = Không rõ
status-inactive = Không hoạt động
severity-mild = Nhẹ
severity-moderate = Vừa
severity-severe = Nặng

# ---- tăng trưởng
growth-weight = Cân nặng theo tuổi
growth-height = Chiều cao theo tuổi
growth-head = Vòng đầu theo tuổi
growth-none = Chưa có số đo.
growth-axis-months = Tuổi, tháng
growth-axis-years = Tuổi, năm
growth-point = { $age }: { $value }
growth-note = Chỉ vẽ các số đo của chính trẻ, không có đường chuẩn.
growth-age = Tuổi
growth-score = Điểm z
growth-compared = So với chuẩn của WHO: trung vị, ±2 và ±3 độ lệch
growth-corrected = Sinh trước 37 tuần: so theo tuổi hiệu chỉnh đến hai tuổi.
growth-unread = { $count ->
   *[other] Không đọc được { $count } bảng tăng trưởng của cơ sở này.
}
growth-proportion = Cân nặng theo chiều cao
growth-weight-for-height = cân nặng theo chiều cao
growth-bmi = BMI theo tuổi
growth-index = Chỉ số khối cơ thể (BMI)
growth-no-birth = Chưa biết chính xác ngày sinh nên không tính được tuổi và không so sánh được. Hãy sửa ngày sinh. Các số đo có trong mục dấu hiệu sinh tồn.
growth-implausible = không hợp lý: hãy kiểm tra số đo
growth-gestation-unread = Số tuần thai khi sinh được ghi theo cách không đọc được nên không hiệu chỉnh tuổi. Hãy ghi theo tuần.
growth-unconverted = { $count ->
   *[other] Bỏ qua { $count } số đo: nội dung ghi không phải cân nặng hay chiều dài theo đơn vị đã biết.
}
growth-undated = { $count ->
   *[other] { $count } số đo không có ngày: không được vẽ và không được so sánh.
}
growth-to-come = { $count ->
   *[other] { $count } số đo có ngày trong tương lai: không được vẽ và không được so sánh.
}
growth-before-birth = { $count ->
   *[other] { $count } số đo có ngày trước ngày sinh: không được tính. Hãy xem lại ngày đo và ngày sinh.
}

# ---- khi có sự cố
error-not-found-title = Không tìm thấy
error-not-found = Không có gì ở địa chỉ này, hoặc bạn không được mở.
error-gone-title = Đã xóa
error-gone = Mục này đã bị xóa.
error-refused-title = Không được phép
error-refused = Tài khoản của bạn không được phép làm việc này.
error-form-title = Hãy thử lại
error-form = Biểu mẫu đã hết hiệu lực. Hãy quay lại, tải lại trang và thử lại. Không có gì bị thay đổi.
error-failed-title = Có sự cố ở đây
error-failed = Không đọc được hồ sơ. Đây không phải lỗi của bạn. Nếu lặp lại, hãy báo cho người vận hành giờ và trang này.
refused-busy = Hiện hệ thống đang quá tải và chưa có gì được thực hiện. Hãy thử lại lát nữa.
refused-too-often = Có quá nhiều yêu cầu từ nơi này. Hãy đợi một chút rồi thử lại.
error-home = Đến trang tìm kiếm

# ---- ai đã mở hồ sơ
section-openings = Ai đã xem
opening-purpose = Mục đích
openings-none = Chưa có ai mở hồ sơ này.
purpose-treatment = Khám chữa bệnh
purpose-operations = Lưu giữ và chuyển hồ sơ
opening-unknown = Không còn thông tin
role-physician = Bác sĩ
role-nurse = Điều dưỡng
role-admissions = Tiếp đón
role-laboratory = Xét nghiệm
role-pharmacy = Dược
role-imaging = Chẩn đoán hình ảnh
role-records-clerk = Lưu trữ hồ sơ
role-programme-officer = Cán bộ chương trình
role-auditor = Kiểm tra
role-privacy-officer = Phụ trách bảo mật thông tin
role-operator = Người vận hành
role-integration = Hệ thống kết nối
role-console = Bảng điều khiển

# ---- yếu tố thứ hai, mật khẩu mới
factor-title = Thêm yếu tố thứ hai
factor-required = Cơ sở của bạn yêu cầu mọi người dùng yếu tố thứ hai. Hãy thêm ngay để tiếp tục.
factor-intro = Ứng dụng trên điện thoại hiện một mã thay đổi mỗi nửa phút. Từ đó, đăng nhập cần cả mật khẩu và mã.
factor-scan = Quét hình bằng ứng dụng, hoặc nhập các chữ bên dưới vào ứng dụng.
factor-picture = Hình dành cho ứng dụng; các chữ bên dưới có cùng nội dung
factor-secret = Các chữ để nhập
factor-code = Sáu chữ số ứng dụng đang hiện
factor-button = Thêm
factor-wrong = Đây không phải các chữ số lúc này. Hãy kiểm tra giờ điện thoại và nhập mã kế tiếp.
recovery-title = Mã khôi phục
recovery-intro = Giữ các mã này ở nơi chỉ bạn biết. Mỗi mã dùng được một lần thay cho điện thoại. Chúng không hiện lại.
recovery-go = Tôi đã lưu; tiếp tục
code-title = Yếu tố thứ hai
code-intro = Mật khẩu đúng. Bây giờ nhập sáu chữ số của ứng dụng, hoặc một mã khôi phục.
code-label = Mã
code-refused = Mã này không đúng hoặc đã dùng.
code-other = Đăng nhập bằng tài khoản khác
sign-in-system = Tài khoản này của một hệ thống. Nó dùng qua API, không dùng trên trang.
sign-in-forgotten = Quên mật khẩu?
new-password-title = Đặt mật khẩu mới
new-password-intro = Xin mã ở bộ phận tiếp đón hoặc người vận hành của cơ sở. Mã có hiệu lực một giờ.
new-password-code = Mã
new-password-new = Mật khẩu mới
new-password-help = Ít nhất 8 ký tự, không chứa tên đăng nhập và không phải mật khẩu phổ biến.
new-password-button = Đặt mật khẩu
new-password-refused = Tên đăng nhập và mã không khớp, hoặc mã không còn hiệu lực.
new-password-done = Đã đặt mật khẩu mới. Hãy đăng nhập bằng mật khẩu này.
password-short = Mật khẩu cần ít nhất 8 ký tự.
password-long = Mật khẩu quá dài.
password-login = Mật khẩu không được chứa tên đăng nhập.
password-common = Mật khẩu này quá phổ biến. Hãy chọn mật khẩu khác.

# ---- tài khoản của mình và của người khác
account-short = Phiên của tôi
account-title = Các phiên đăng nhập của tôi
account-sessions = Nơi bạn đang đăng nhập
account-browser = Trình duyệt
account-browser-other = Trình duyệt khác
account-began = Bắt đầu
account-used = Dùng lần cuối
account-this = Phiên này
account-end = Kết thúc
account-here = Tiếp tục ở đây
account-end-all = Kết thúc tất cả
account-end-all-help = Cả phiên này, ngay lập tức.
account-factor = Yếu tố thứ hai
account-factor-on = Đang bật. Số mã khôi phục còn lại: { $left }.
account-factor-off = Đang tắt: tài khoản chỉ được bảo vệ bằng mật khẩu.
accounts-title = Tài khoản
accounts-intro = Các tài khoản bạn được phép xử lý. Mỗi thao tác được ghi lại cùng tên bạn.
accounts-none = Không có tài khoản nào.
accounts-holder = Chủ tài khoản
accounts-role = Vai trò
accounts-acts = Thao tác
accounts-open = Đang dùng
accounts-blocked = Đã khoá
accounts-out = Ngoài thời hạn
accounts-factor = yếu tố thứ hai
accounts-code = Mã đặt mật khẩu mới
accounts-end = Kết thúc các phiên
accounts-block = Khoá
accounts-unblock = Mở khoá
accounts-code-given = Mã cho { $login }, dùng một lần trong một giờ. Hãy chắc chắn mã đến đúng người: mã không hiện lại.
accounts-done = Đã xong cho { $login }.

# ---- who has looked
openings-intro = Tất cả những người đã xem hồ sơ này, mới nhất ở trên. Không thể xoá gì khỏi danh sách này. Nếu không biết vì sao ai đó đã vào đây, hãy hỏi về mục đó.
openings-newest = Các mục mới nhất
question-ask = Hỏi về mục này
question-label = Bạn muốn biết điều gì?
question-send = Gửi câu hỏi
question-open = Câu hỏi chưa trả lời
question-answered = Đã trả lời
question-answer = Trả lời
question-answer-send = Gửi câu trả lời
questions-elsewhere = Câu hỏi chưa trả lời về các mục khác
how-open = Đã mở hồ sơ.
how-read = Đã đọc một mục của hồ sơ.
how-search = Đã tìm thấy hồ sơ, hoặc một phần của nó, khi tìm kiếm.
how-history = Đã đọc các phiên bản trước của một mục.
how-summary = Đã đọc toàn bộ hồ sơ hoặc bản tóm tắt.
how-export = Đã lấy một bản sao hồ sơ ra khỏi hệ thống.
how-match = Đã so hồ sơ với một mô tả để biết một người là ai.
how-notify = Đã được báo rằng hồ sơ có thay đổi.
how-write = Đã ghi vào hồ sơ và thấy những gì có ở đó.
how-chart = Đã xem hồ sơ trên màn hình.
how-audit = Đã đọc danh sách những người đã xem này.
how-erased = Đã xoá hồ sơ.

# ---- một chương trình hỏi
consent-going-on = Đang tiếp tục
consent-go = Tiếp tục
consent-title = { $program } xin quyền truy cập
consent-intro = Nếu bạn đồng ý, trình duyệt sẽ quay lại { $place } và chương trình làm việc với quyền của bạn, không hơn. Hãy bỏ những gì nó không cần.
consent-about = Hồ sơ của
consent-wishes = Chương trình muốn gì
consent-wish = { $what }: { $deeds }
consent-everything = Tất cả
consent-see = xem
consent-find = tìm
consent-add = thêm
consent-change = sửa
consent-put = sửa hoặc đưa vào
consent-delete = xóa
consent-of-person = trong hồ sơ của người này
consent-of-all = trong mọi hồ sơ bạn được mở
consent-only = chỉ
consent-openid = Biết đó là bạn
consent-user = Biết tên bạn
consent-patient = Biết hồ sơ của ai đang mở
consent-encounter = Biết lần khám nào đang mở
consent-offline = Giữ quyền truy cập khi bạn vắng mặt, cho đến khi 90 ngày không dùng
consent-online = Giữ quyền truy cập trong ngày làm việc này, tối đa mười hai giờ
consent-trace = Mọi điều chương trình đọc đều được ghi lại cùng tên bạn và cho người có hồ sơ xem.
consent-allow = Cho phép
consent-deny = Từ chối
consent-again = Người khác
consent-choose-title = Hồ sơ của ai?
consent-choose = { $program } làm việc với hồ sơ của một người. Hãy chọn người đó.
error-over-title = Câu hỏi này đã kết thúc
error-over = Nó đã được trả lời hoặc chờ quá lâu. Hãy bắt đầu lại từ chương trình.
error-program-title = Không thể kết nối chương trình này
error-program = Không ai bị chuyển đi đâu và không có gì được cấp. Hãy báo cho người quản lý chương trình.
error-program-reason = Dành cho họ:
launch-title = Mở một chương trình

# ---- programs
programs-title = Chương trình
programs-intro = Các chương trình được xin quyền truy cập. Hãy hỏi ai vận hành trước khi duyệt; gỡ bỏ sẽ chấm dứt mọi quyền của nó ngay lập tức.
programs-name = Chương trình
programs-wishes = Những gì nó được xin
programs-approved = Đã duyệt
programs-waits = Chờ duyệt
programs-approve = Duyệt
programs-remove = Gỡ bỏ
programs-done = Xong.
programs-public = không có bí mật
programs-secret = có bí mật
programs-keys = có khóa

# ---- breaking the glass
purpose-payment = Chi trả cho việc chăm sóc
purpose-public-health = Y tế công cộng
purpose-emergency = Cấp cứu, mở phần niêm phong
glass-title = Mở khẩn cấp
glass-intro = Phần niêm phong của người này chỉ mở cho riêng bạn và trong thời gian có hạn. Người bệnh sẽ thấy việc này, kèm tên và lý do của bạn, và cán bộ bảo vệ dữ liệu sẽ hỏi việc đó có đúng không.
glass-reason = Lý do
glass-danger = Người bệnh đang nguy hiểm
glass-cannot-speak = Người bệnh không thể tự nói
glass-asked = Người bệnh yêu cầu
glass-standing-in = Tôi thay người đang điều trị
glass-other = Lý do khác
glass-words = Nói bằng lời của bạn
glass-break = Mở phần niêm phong
glass-leave = Không mở
glass-summary = Dành cho cấp cứu
glass-until = Phần niêm phong mở cho bạn đến { $time }.
glass-chart = Toàn bộ hồ sơ
glass-mend = Đóng lại ngay
glass-allergies = Dị ứng
glass-blood = Nhóm máu
glass-contacts = Gọi cho ai
glass-told = Đã mở dù được niêm phong
glass-was-justified = Có lý do chính đáng
glass-was-not = Không có lý do chính đáng
glass-unanswered = Chưa được trả lời
glasses-title = Các lần mở khẩn cấp
glasses-intro = Mỗi lần có người ở cơ sở của bạn mở phần đã niêm phong. Mỗi lần đều cần câu trả lời, và người bệnh đọc được.
glasses-none = Không có gì chờ trả lời.
glasses-words = Câu trả lời của bạn
glasses-yes = Có lý do chính đáng
glasses-no = Không có lý do chính đáng
glass-say-why = Hãy chọn một lý do và nói ngắn gọn vì sao.

# ---- người dân: tài khoản, hồ sơ, người thay mặt
role-person = Người dân
purpose-own = Đọc hồ sơ của chính mình
purpose-entrusted = Thay mặt người có hồ sơ
sign-in-activate = Bạn có mã của trạm y tế? Tạo tài khoản
sign-in-send = Quên mật khẩu? Nhận mã qua tin nhắn
activate-title = Tạo tài khoản của bạn
activate-intro = Với mã của trạm y tế, bạn chọn cách đăng nhập. Sau đó bạn đọc được hồ sơ của mình.
activate-code = Mã trên phiếu hoặc trong tin nhắn
activate-login = Tên đăng nhập bạn chọn
login-letters = Từ 1 đến 64 ký tự a–z, chữ số, dấu chấm, gạch nối, gạch dưới hoặc @. Không phân biệt hoa thường.
activate-password = Mật khẩu bạn chọn
activate-button = Tạo tài khoản
activate-trace = Mỗi lần bạn hay ai khác mở hồ sơ đều được ghi lại, và bạn đọc được.
activate-refused = Mã này không đúng hoặc không còn giá trị: mã dùng một lần, trong mười bốn ngày, và mất hiệu lực sau sáu lần sai. Trạm y tế sẽ cấp mã khác.
activate-taken = Tên đăng nhập này đã có người dùng. Hãy chọn tên khác; mã của bạn vẫn còn giá trị.
forgotten-title = Nhận mã qua tin nhắn
forgotten-intro = Mã được gửi tới địa chỉ bạn đã xác nhận ở trang Đăng nhập của tôi. Nếu chưa xác nhận, trạm y tế sẽ cấp mã.
forgotten-sent = Nếu tên đăng nhập này có địa chỉ đã xác nhận, mã đang được gửi. Mã có giá trị một giờ và một lần.
forgotten-button = Gửi mã
password-same = Đây là mật khẩu hiện tại. Hãy chọn mật khẩu khác.
letter-subject = Mã của bạn
letter-invite = Mã: { $code }. Dùng mã này để tạo tài khoản tại { $site }/sign-in/activate. Có giá trị một lần, đến { $until }. Nếu bạn không yêu cầu, hãy bỏ qua.
letter-renew = Mã đặt mật khẩu mới: { $code }. Dùng tại { $site }/sign-in/new-password trong một giờ. Nếu bạn không yêu cầu, hãy bỏ qua.
letter-confirm = Mã xác nhận địa chỉ này: { $code }. Nhập tại trang { $site }/account trong nửa giờ.
trust-title = Truy cập tại nhà
invite-title = Tài khoản của người này
invite-intro = Người này chưa có tài khoản. Hãy kiểm tra giấy tờ rồi cấp mã.
invite-evidence = Bạn đã xem giấy tờ gì để biết đó là ai?
invite-evidence-help = Ví dụ: căn cước có ảnh. Được lưu cùng tên bạn. Không ghi số.
invite-language = Ngôn ngữ của trang
invite-address = Gửi tới (có thể để trống)
invite-address-help = Địa chỉ e-mail, hoặc số điện thoại có + và mã nước. Nếu để trống, bạn in phiếu.
invite-button = Cấp mã
invite-address-wrong = Đây không phải e-mail, cũng không phải số điện thoại có + và mã nước.
invite-evidence-wrong = Hãy ghi từ 1 đến 200 ký tự bạn đã xem gì.
invite-there = Người này đã có tài khoản.
trust-acting = Ai thay mặt người này
trust-none = Không ai thay mặt người này.
trust-who = Ai
trust-span = Từ – đến
trust-seen = Đã xem gì, ai xem
trust-end = Chấm dứt
trust-ended = Đã chấm dứt ngay.
trust-given = Hồ sơ đã được giao. Người này thấy điều đó ở đây.
trust-how = Trạm y tế giao hồ sơ cho người khác khi người có hồ sơ có mặt hoặc có giấy tờ. Bạn có thể chấm dứt tại đây bất cứ lúc nào.
trust-fields = Chọn vai trò, và ghi ngày cuối như 2026-01-31 hoặc để trống.
trust-login = Không có người dân nào dùng tên đăng nhập đó. Người thay mặt phải tạo tài khoản trước, với mã từ trang hồ sơ của chính họ.
trust-self = Đây là tên đăng nhập của chính người có hồ sơ.
trust-evidence = Hãy ghi từ 1 đến 200 ký tự bạn đã xem gì.
trust-document-wrong = Không có tài liệu đó trong hồ sơ này.
trust-over = Việc này đã hết hạn: người này đã đến tuổi chấm dứt, ngày cuối đã qua, hoặc không rõ ngày sinh. Nếu người này đồng ý, cha mẹ được tiếp tục đến khi đủ tuổi thành niên; sau đó chỉ có thể chỉ định người chăm sóc.
trust-twice = Người này đã được giao cho tên đăng nhập đó. Hãy chấm dứt trước.
trust-many = Không thể giao nhiều người như vậy cho một tên đăng nhập, hoặc nhiều người thay mặt một người.
proxy-parent = Cha hoặc mẹ
proxy-guardian = Người giám hộ
proxy-carer = Người chăm sóc, do người này hoặc giấy tờ chỉ định
proxy-agreed = người này đã đồng ý
proxy-no-end = cho đến khi có người chấm dứt
proxy-ended = Chấm dứt { $date } bởi { $by }
proxy-holds = Đang thay mặt
proxy-over = Đã hết hạn
entrust-title = Giao hồ sơ này cho người khác
entrust-intro = Cha mẹ hoặc người giám hộ của trẻ, hoặc người chăm sóc. Quyền đọc của cha mẹ tự hết vào ngày sinh nhật mà từ đó nước này giữ bí mật cho người trẻ.
entrust-login = Tên đăng nhập của người thay mặt
entrust-kind = Với tư cách
entrust-evidence = Bạn đã xem gì? (giấy khai sinh, quyết định giám hộ, giấy ủy quyền)
entrust-document = Bản sao trong hồ sơ (có thể để trống)
entrust-document-none = Không có
entrust-until = Ngày cuối (có thể để trống)
entrust-until-help = Kết thúc lúc nửa đêm ngày đó, hoặc sớm hơn theo tuổi.
entrust-agreed = Người này có mặt và đồng ý
entrust-button = Giao
slip-title = Mã để đọc hồ sơ của bạn
slip-open = Mở địa chỉ này:
slip-code = Nhập mã này:
slip-choose = Chọn tên đăng nhập và mật khẩu chỉ mình bạn biết.
slip-until = Có giá trị đến
slip-rules = Mã dùng một lần. Sau sáu lần sai mã mất hiệu lực. Không bác sĩ hay cán bộ nào cần mật khẩu của bạn.
slip-print = In trang này và trao cho người đó.
slip-sent = Mã đã được gửi tới
slip-done = Xong; không hiện lại
mine-title = Hồ sơ của tôi
mine-others = Hồ sơ khác bạn được đọc
mine-own = Của chính bạn
mine-entrusted = Được giao cho bạn
mine-acting = Đây không phải hồ sơ của bạn: bạn thay mặt người này. Họ thấy trong nhật ký rằng bạn đã vào đây.
mine-next = Việc sắp tới
mine-medicines = Thuốc tôi đang dùng
mine-allergies = Những gì tôi không được dùng
mine-results = Kết quả của tôi
mine-results-note = Giá trị ngoài khoảng không phải lúc nào cũng là bệnh, trong khoảng không phải lúc nào cũng là khỏe. Hãy hỏi người điều trị cho bạn.
mine-before = trước đó: { $value } ngày { $date }
mine-vaccinations-none = Chưa ghi nhận mũi tiêm nào.
mine-problems = Tôi đang được điều trị về
mine-visits = Các lần khám của tôi
mine-documents = Thư, báo cáo và ghi chép
mine-documents-none = Chưa có tài liệu nào.
account-password = Mật khẩu
account-current = Mật khẩu hiện tại
account-password-help = Bạn sẽ bị đăng xuất ở mọi nơi khác.
account-password-done = Đã đặt mật khẩu mới. Bạn đã bị đăng xuất ở mọi nơi khác.
account-current-wrong = Mật khẩu hiện tại hoặc mã không đúng. Không có gì thay đổi.
account-factor-gone = Đã tắt yếu tố thứ hai. Hãy thêm lại cho điện thoại mới.
account-factor-code = Sáu chữ số hiện tại, hoặc một mã khôi phục
account-factor-remove = Tắt đi
account-factor-remove-help = Để thêm điện thoại khác. Bạn sẽ bị đăng xuất ở mọi nơi khác.
contact-title = Nơi gửi mã
contact-known = Nếu bạn quên mật khẩu, mã được gửi tới
contact-none = Chưa có: nếu bạn quên mật khẩu, chỉ trạm y tế giúp được.
contact-address = E-mail, hoặc số điện thoại có + và mã nước
contact-ask = Gửi mã tới đó
contact-code = Mã đã nhận được
contact-confirm = Xác nhận
contact-drop = Không gửi mã nữa
contact-asked = Đã gửi mã. Hãy nhập bên dưới trong nửa giờ.
contact-too-soon = Mã vừa được gửi. Hãy chờ hai phút.
contact-not-sent = Không gửi được mã. Hãy thử lại sau.
contact-confirmed = Đã xác nhận: có thể gửi mã tới đó.
contact-wrong = Không phải mã đó, hoặc mã không còn giá trị.
contact-dropped = Không gửi mã nữa.

# ---- truy cập bất thường
error-budget-title = Nhiều người trong thời gian ngắn
error-budget = Thao tác này mở nhiều người khác nhau trong một giờ hơn mức tài khoản của bạn được phép. Chưa mở gì. Hãy quay lại sau; nếu công việc cần ngay, cán bộ bảo vệ dữ liệu của đơn vị sẽ nới cho bạn trong hôm nay. Khi khẩn cấp, hãy dùng «Mở khẩn cấp»: việc này không bao giờ bị từ chối.
unusual-title = Truy cập bất thường
unusual-intro = Những lần mở cần được giải thích, và những ai đã mở hoặc tìm bất thường nhiều người khác nhau trong một giờ. Mỗi trường hợp được kết luận một lần và lưu cùng tên bạn.
unusual-none = Không có gì bất thường.
unusual-of-role = Tính chung mọi người cùng vai trò tại đơn vị.
unusual-of-institution = Tính chung mọi người tại đơn vị.
unusual-refused = Bị từ chối
unusual-told = Được ghi nhận
unusual-verdict = Kết luận
unusual-verdict-wrong = Kết luận có từ 1 đến 500 ký tự.
unusual-judge = Lưu kết luận
unusual-judged = Đã lưu kết luận.
unusual-raise = Nới thêm trong hôm nay
unusual-raised = { $login } được mở thêm người đến hết hôm nay.
unusual-opened = { $count ->
   *[other] Đã mở { $count } người khác nhau trong một giờ.
}
unusual-listed = { $count ->
   *[other] Đã tìm thấy { $count } người khác nhau trong một giờ.
}

# ---- tiêm chủng
vaccinations-due = Cần tiêm bây giờ
vaccinations-later = Sắp tới
vaccinations-given = Đã tiêm
vaccinations-settled = Đã đủ, đã đóng hoặc không được tiêm
vaccinations-none-due = Hôm nay không có mũi nào cần tiêm.
vaccinations-none-given = Chưa ghi nhận mũi tiêm nào.
vaccinations-unread = Không đọc được
vaccinations-unread-why = Không đọc được tên vắc xin hoặc ngày của các mục này nên không tính. Hãy sửa trước khi tiêm.
vaccinations-calendar = Lịch tiêm chủng: { $country }
vaccinations-source = Nguồn của lịch này
vaccinations-proposal = Tuổi tối thiểu và tối đa, khoảng cách, tiêm bù và chống chỉ định là đề xuất cho đến khi có bác sĩ xác nhận. Quyết định là của người tiêm.
vaccinations-no-birth = Chưa biết chính xác ngày sinh nên không tính được tuổi. Hãy sửa ngày sinh để xem mũi cần tiêm.
vaccinations-no-country = Không có mã số hay địa chỉ nào cho biết áp dụng lịch của nước nào. Hãy bổ sung để xem mũi cần tiêm.
vaccination-vaccine = Vắc xin
vaccination-days = Ngày
vaccination-why = Lý do
vaccination-counts = Tính cho
vaccination-dose = { $series }, mũi { $number }
vaccination-proposed = Đề xuất
vaccination-beside = Không thuộc lịch này.
vaccination-inexact = Không rõ ngày: lấy ngày muộn nhất có thể.
vaccination-not-judged = Chưa đánh giá.
vaccine-code = Vắc xin mã CVX { $code }
vaccine-overdue = Quá hạn
vaccine-due = Đến hạn
vaccine-not-yet = Chưa đến hạn
vaccine-contraindicated = Không tiêm
vaccine-complete = Đã đủ
vaccine-closed = Đã đóng
vaccine-day-recommended = nên tiêm ngày
vaccine-day-earliest = không trước ngày
vaccine-day-latest = không sau ngày
span-birth = lúc sinh
span-years = { $count ->
   *[other] { $count } năm
}
span-months = { $count ->
   *[other] { $count } tháng
}
span-days = { $count ->
   *[other] { $count } ngày
}
span-hours = { $count ->
   *[other] { $count } giờ
}
reason-age-reached = Đã đến tuổi nên tiêm: { $age }.
reason-age-not-reached = Chưa đến tuổi nên tiêm: { $age }.
reason-gap-over = Đã qua { $gap } kể từ mũi ngày { $day }.
reason-gap-not-over = Phải cách mũi ngày { $day } { $gap }.
reason-live-not-over = Đã tiêm vắc xin sống { $vaccine } ngày { $day }: cùng ngày hoặc cách nhau { $gap }.
reason-week-not-reached = Từ tuần thai { $week }.
reason-pregnancy = Tiêm khi mang thai.
reason-pregnancy-week = Tiêm khi mang thai, từ tuần { $week }.
reason-too-old = Đã muộn: không tiêm sau tuổi này: { $age }.
reason-earlier-missing = { $count ->
   *[other] Cần { $count } mũi trước đó, nay không thể tiêm nữa.
}
reason-all-given = { $count ->
   *[other] Đã tiêm đủ { $count } mũi.
}
reason-one-is-enough = Từ tuổi này một mũi là đủ: { $age }.
reason-forbidden = Chống chỉ định: { $what }.
reason-postponed = Hoãn tiêm: { $what }.
reason-instead = Dùng vắc xin khác vì: { $what }.
reason-instead-from = Dùng vắc xin khác từ tuổi: { $age }.
reason-risk = Lịch cho người có nguy cơ: { $what }.
reason-late-start = Lịch cho người bắt đầu muộn, từ tuổi: { $age }.
reason-after-vaccine = Lịch cho người đã dùng vắc xin này: { $vaccine }.
reason-refused = Đã từ chối ngày { $day }.
reason-too-young = chưa đủ tuổi; được tính nếu tiêm từ ngày { $day }.
reason-too-soon = quá gần mũi trước; được tính nếu tiêm từ ngày { $day }.
reason-too-soon-after-live = quá gần một vắc xin sống khác; được tính nếu tiêm từ ngày { $day }.
reason-same-day = mũi thứ hai trong cùng một ngày.
reason-in-part = chỉ phòng được một phần các bệnh này.
reason-pregnancy-ended = Thai kỳ ghi trong hồ sơ đã kết thúc ngày { $day }: không còn là chống chỉ định.
reason-pregnancy-over = Thai kỳ ghi trong hồ sơ từ ngày { $day } được coi là đã kết thúc sau 45 tuần: không còn là chống chỉ định. Hãy ghi ngày kết thúc vào hồ sơ.
reason-maybe-same = chỉ biết tháng hoặc năm, và có thể chính là mũi ngày { $day }. Mũi này được tính khi đã ghi rõ ngày.
reason-wrong-vaccine = mũi này cần vắc xin khác.
reason-before-birth = ngày ghi trước ngày sinh.
reason-in-future = ngày ghi trong tương lai.
reason-subpotent = yếu hơn mức cần thiết: không được tính.
reason-died = Người này đã mất.
reason-extra = không cần thêm mũi nào.
reason-not-in-plan = Lịch không có mũi này cho người này.
series-tuberculosis = Lao
series-hepatitis-b = Viêm gan B
series-hepatitis-a = Viêm gan A
series-dtp = Bạch hầu, uốn ván, ho gà
series-polio = Bại liệt
series-polio-oral = Bại liệt, uống
series-polio-inactivated = Bại liệt, tiêm
series-hib = Haemophilus influenzae b
series-rotavirus = Rota
series-pneumococcal = Phế cầu
series-influenza = Cúm mùa
series-covid = COVID-19
series-mmr = Sởi, rubella, quai bị
series-measles = Sởi
series-rubella = Rubella
series-varicella = Thủy đậu
series-hpv = HPV
series-japanese-encephalitis = Viêm não Nhật Bản
series-pertussis-pregnancy = Ho gà, khi mang thai
series-tetanus-pregnancy = Uốn ván, khi mang thai
contraindication-immunodeficiency = suy giảm miễn dịch
contraindication-hiv = nhiễm HIV
contraindication-severe-combined-immunodeficiency = suy giảm miễn dịch kết hợp nặng
contraindication-intussusception = lồng ruột
contraindication-pregnancy = mang thai
contraindication-low-birth-weight = cân nặng dưới 2000 g, hoặc nhẹ cân khi sinh mà chưa ghi cân nặng
contraindication-seizures = co giật không sốt hoặc bệnh thần kinh tiến triển
risk-chronic = bệnh mạn tính
risk-hiv = HIV
risk-day-care = nhà trẻ
risk-no-pertussis = không tiêm vắc xin ho gà
risk-hepatitis-b-contact = mẹ hoặc người nhà có viêm gan B

# ---- ai đang quá hạn
overdue-title = Tiêm chủng quá hạn
overdue-facility = Tên cơ sở y tế
overdue-choose = Xem các cơ sở
overdue-facilities = { $count ->
   *[other] { $count } cơ sở
}
overdue-no-facility = Không có cơ sở nào có tên này. Hãy gõ phần đầu của một từ trong tên.
overdue-looked-at = { $count ->
   *[other] Đã xem { $count } người dưới 18 tuổi
}
overdue-none = Trong những người đã xem, không ai quá hạn tiêm.
overdue-unjudged = Không đánh giá được
overdue-since = { $series }, từ { $day }
overdue-next = Xem những người tiếp theo
overdue-undated = { $count ->
   *[other] Đã xem { $count } người không có ngày sinh
}
overdue-next-undated = Xem những người không có ngày sinh tiếp theo
overdue-areas = Theo tỉnh, thành phố, của những người trên trang này
overdue-area-all = Tất cả
overdue-area-none = Không rõ
overdue-traced = Mỗi người được xem sẽ thấy điều này trong nhật ký hồ sơ của mình.

# ---- sổ theo dõi trẻ
section-card = Sổ theo dõi trẻ
card-complete = Mức độ đầy đủ của sổ
card-score = { $percent } %: có { $said } trên { $asked } mục
card-no-gaps = Sổ không thiếu mục nào.
card-gap-birth-weight = Chưa ghi cân nặng khi sinh.
card-gap-gestation = Chưa ghi số tuần thai khi sinh.
card-gap-gestation-unread = Số tuần thai khi sinh được ghi theo cách không đọc được: hãy ghi theo tuần.
card-gap-allergies = Chưa hỏi về dị ứng.
card-gap-guardian = Chưa ghi cha, mẹ hoặc người giám hộ.
card-gap-national-number = Chưa ghi số định danh.
card-gap-facility = Chưa ghi cơ sở y tế.
card-gap-examination = Chưa khám ở tuổi { $age }.
card-gap-vaccination = Quá hạn tiêm: { $series }.
examinations-title = Khám định kỳ
examinations-note = Ngày có đo cân nặng hoặc chiều dài được tính là một lần khám.
card-undated = Không rõ ngày của các lần đo này nên không tính là lần khám: { $dates }. Hãy ghi ngày để được tính.
examination-parts = Ai khám và đo gì
examination-done = Đã khám
examination-missed = Đã bỏ lỡ
examination-late = Trễ
examination-due = Đến hạn
examination-not-yet = Chưa đến
examination-part-paediatrician = nhi khoa
examination-part-neurologist = thần kinh
examination-part-paediatric-surgeon = ngoại nhi
examination-part-ophthalmologist = mắt
examination-part-dentist = răng
examination-part-abdomen-ultrasound = siêu âm bụng
examination-part-kidneys-ultrasound = siêu âm thận
examination-part-hips-ultrasound = siêu âm khớp háng
examination-part-heart-ultrasound = siêu âm tim
examination-part-brain-ultrasound = siêu âm não
examination-part-newborn-screening = sàng lọc sơ sinh
examination-part-hearing-screening = sàng lọc thính lực
examination-part-growth = tăng trưởng
examination-part-development = phát triển

# Một người có hai hồ sơ đăng ký
same-title = Đăng ký hai lần?
same-merged = Đã gộp vào hồ sơ này
same-merged-intro = Những gì đã ghi ở các lần đăng ký này được hiển thị tại đây. Mỗi lần đăng ký giữ hồ sơ riêng nên có thể tách lại.
same-undo = Tách lại
same-undo-button = Đây là hai người
same-reason = Lý do, một dòng, không ghi tên
same-say-why = Hãy ghi lý do trên một dòng, tối đa 500 chữ.
same-refused = Hiện không thực hiện được: một trong hai đã được gộp hoặc vừa có người thay đổi. Hãy xem lại.
same-likely = Có thể là cùng một người
same-nobody = Không có ai.
same-find = Tìm người khác
same-find-label = Tên, ngày sinh hoặc số
same-certain = chắc chắn
same-probable = rất có thể
same-possible = có thể
same-name = Tên
same-other-names = Tên khác
same-address = Địa chỉ
same-telecom = Điện thoại, thư điện tử
same-contact = Người liên hệ
same-entries = Mục ghi
compare-title = So sánh hai bên
compare-agrees = Giống nhau?
compare-same = giống
compare-differs = khác
compare-merge = Có phải một người không?
compare-intro = Khi đó một đăng ký ở lại và dẫn đến cả hai hồ sơ. Không có gì bị ghi lại và có thể tách ra sau.
compare-stays = Đăng ký nào ở lại
compare-button = Đây là một người
compare-leave = Để nguyên
later-title = Những gì ghi trong lúc gộp
later-intro = Hai người lại độc lập. Những gì ghi trong lúc gộp nằm ở nơi đã ghi: hãy đánh dấu những gì thuộc về người kia.
later-of = Trong hồ sơ của { $name }
later-nothing = Ở đây không ghi gì.
later-changed = Đã thay đổi khi còn là một: hãy xem lại
later-deleted = Đã xóa khi còn là một
later-choose = Thuộc về { $name }
later-button = Chuyển những mục đã đánh dấu
later-moved = Đã chuyển { $count } mục.
later-along = { $entry } đi cùng với mục đã đánh dấu: hãy đánh dấu cả mục này.
compare-two = Đây là hai người
compare-two-button = Giữ riêng hai hồ sơ
duplicates-title = Đăng ký hai lần?
duplicates-intro = Mỗi lần đăng ký mới được so với tất cả những lần khác. Hãy xem cả hai và quyết định.
duplicates-none = Không có ai chờ quyết định.
duplicates-waiting = { $count } cặp đang chờ.
task-birth-notification = Báo sinh cho cơ quan hộ tịch
task-birth-annulment = Giấy chứng sinh đã hủy: cơ quan hộ tịch rút lại ghi nhận
task-birth-correction = Giấy chứng sinh đã sửa: cơ quan hộ tịch ghi nhận
task-newborn-amended = Giấy chứng sinh đã được sửa, và hồ sơ này từ đó ghi khác: { $elements }. Hãy xem xét hồ sơ
task-newborn-annulled = Giấy chứng sinh của hồ sơ này đã bị hủy: hãy xem xét hồ sơ
number-doubt-check = { $number }: chữ số kiểm tra không khớp
number-doubt-placeholder = { $number }: không phải số của ai: chỉ gồm số 0, một chữ số lặp lại, hoặc mã chung cho người nước ngoài
number-doubt = { $number }: số không thể đúng
number-doubt-birth-to-come = { $number }: cho biết ngày sinh ở tương lai
life-doubt-birth-to-come = ngày sinh ở tương lai
life-doubt-birth-long-ago = ngày sinh quá xa
life-doubt-no-date = không có ngày sinh này
life-doubt-death-to-come = ngày mất ở tương lai
life-doubt-death-before-birth = ngày mất trước ngày sinh
life-doubt-death-told = một tài liệu ghi người này đã mất: { $day }
banner-merged = { $count } lần đăng ký đã gộp

# Thẻ tiêm chủng mang theo người
certificate-title = Thẻ tiêm chủng có mã
certificate-intro = Ai quét mã sẽ thấy tên, ngày sinh và các mũi tiêm dưới đây, và biết cơ sở này đã ký. Việc kiểm tra không cần kết nối với máy chủ này và không báo gì cho máy chủ.
certificate-trial = Máy chủ này không có địa chỉ https: ứng dụng kiểm tra thẻ sẽ không chấp nhận các mã này. Chúng chỉ để dùng thử.
certificate-nothing = Không có mũi tiêm nào trong hồ sơ có mã và ngày.
certificate-no-person = Không có thẻ: hồ sơ thiếu họ tên hoặc ngày sinh, mà thẻ phải ghi cả hai. Hãy bổ sung.
certificate-file = Nội dung đó dưới dạng tệp cho ứng dụng
certificate-left-out = { $count } mục không có trên thẻ nào: chưa tiêm hoặc không được tính, ngày ở tương lai, hoặc thiếu mã hay ngày.
certificate-second = { $count ->
   *[other] { $count } mục không có trên thẻ nào: có thể là mục ghi lần thứ hai của mũi đã có trên thẻ (chỉ biết tháng hoặc năm, hoặc được ghi hai lần). Hãy ghi rõ ngày, hoặc đánh dấu là ghi nhầm.
}
certificate-picture = Mã của thẻ tiêm chủng
certificate-issuer = Ký bởi

passkey-title = Khóa truy cập
passkey-intro = Với khóa truy cập, bạn đăng nhập bằng khóa của thiết bị: vân tay, khuôn mặt hoặc mã PIN. Khóa chỉ mở trang này và không ai có thể khiến bạn nhập nó ở nơi khác.
passkey-yours = Khóa của bạn
passkey-none = Bạn chưa có khóa nào.
passkey-name = Tên
passkey-name-help = Để bạn nhận ra khóa, ví dụ “điện thoại” hoặc “khóa của khoa”.
passkey-name-wrong = Hãy đặt cho khóa một tên không quá 60 chữ.
passkey-made = Đã thêm
passkey-used = Dùng lần cuối
passkey-never = chưa dùng
passkey-synced = Có thể ở trên nhiều thiết bị của bạn
passkey-single = Chỉ trên một thiết bị
passkey-add = Thêm khóa truy cập
passkey-elsewhere = Khóa truy cập được tạo tại { $address }, bằng trình duyệt có hỗ trợ.
passkey-done = Đã thêm khóa truy cập. Từ nay bạn có thể đăng nhập chỉ bằng khóa này.
passkey-gone = Đã gỡ khóa truy cập. Bạn đã bị đăng xuất ở mọi nơi khác.
passkey-password-wrong = Mật khẩu hiện tại không đúng. Không có gì thay đổi.
passkey-unproved = Câu trả lời của thiết bị không dùng được hoặc đến quá muộn. Hãy thử lại.
passkey-many = Bạn đã có mười khóa. Hãy gỡ một khóa trước.
passkey-there = Khóa truy cập này đã có rồi.
passkey-failed = Thiết bị không trả lời. Hãy thử lại, hoặc đăng nhập bằng mật khẩu.
passkey-remove = Gỡ một khóa truy cập
passkey-remove-help = Bạn sẽ bị đăng xuất ở mọi nơi khác.
passkey-which = Khóa nào
sign-in-passkey = Đăng nhập bằng khóa truy cập
sign-in-passkey-refused = Khóa truy cập này không mở tài khoản nào ở đây. Hãy thử lại, hoặc đăng nhập bằng mật khẩu.

asked-title = Câu hỏi
asked-intro = Những điều người bệnh hỏi về việc ai ở cơ sở của bạn đã mở hồ sơ của họ. Câu trả lời được ghi vào hồ sơ và họ đọc ở mục Ai đã xem.
asked-none = Không ai chờ trả lời.
asked-about = Lần mở
asked-say = Câu trả lời có từ 1 đến 2000 ký tự.
duty-title = Đang chờ bạn trả lời
duty-none = không có
duty-waiting = { $count ->
   *[other] { $count } đang chờ
}
duty-since = từ { $time }
sign-title = Những lần mở cần hỏi lại
sign-own = Theo những gì biết được, đây là hồ sơ của chính họ.
sign-address = Người bệnh ở cùng địa chỉ.
sign-contact = Người bệnh có cùng số điện thoại hoặc thư điện tử.
sign-related = Hồ sơ ghi họ là người thân hoặc người liên hệ của người bệnh.
sign-namesake = Người bệnh trùng cả họ tên và không do cơ sở chăm sóc.
sign-colleague = Người bệnh cũng làm việc tại đây và không do cơ sở chăm sóc.
sign-well-known = Người bệnh là người nổi tiếng và không do cơ sở chăm sóc.
sign-night = Lúc đó là ban đêm và người bệnh không do cơ sở chăm sóc. Mỗi đêm báo một lần.
unusual-many = Nhiều người trong một giờ

sign-in-provider = Đăng nhập bằng { $name }
provider-title = Cần thêm một mã
provider-intro = { $name } cho biết bạn là ai nhưng không cho biết hồ sơ nào là của bạn. Hãy nhập mã trạm y tế đã đưa; từ đó chỉ cần { $name }.
provider-button = Liên kết và tiếp tục
provider-taken = Tài khoản này của nhà cung cấp đã được liên kết.
provider-unlike = Mã này của người khác, không phải người mà nhà cung cấp nêu. Hãy hỏi trạm y tế.
provider-refused = Tài khoản của bạn ở đây đã bị khóa. Hãy hỏi trạm y tế.
provider-late = Đã quá lâu, hoặc bắt đầu ở trình duyệt khác. Hãy thử lại.
provider-denied = Nhà cung cấp không cho bạn vào. Hãy thử lại, hoặc đăng nhập bằng mật khẩu.
provider-unproved = Câu trả lời của nhà cung cấp không chứng minh được gì. Hãy thử lại, hoặc đăng nhập bằng mật khẩu.
provider-unreachable = Không liên lạc được với nhà cung cấp. Hãy thử lại sau, hoặc đăng nhập bằng mật khẩu.

allowed-title = Chương trình tôi đã cho phép
allowed-intro = Những gì các chương trình được làm thay bạn vì bạn đã đồng ý. Điều bạn rút lại sẽ kết thúc ngay.
allowed-none = Bạn không còn cho phép chương trình nào.
allowed-span = Từ { $began }, chậm nhất đến { $until }.
allowed-gone = Một chương trình đã bị gỡ
allowed-withdraw = Rút lại
allowed-withdraw-help = Chương trình phải hỏi lại bạn.
allowed-withdrawn = Đã rút lại. Chương trình không nhận thêm gì nữa.

# ---- biểu mẫu
sign-document = Ký
sign-go = Ký…
sign-as = Bạn ký với tư cách
sign-by-institution = Cơ sở cũng ký vào tài liệu này.
sign-password = Mật khẩu của bạn
sign-code = Mã của yếu tố thứ hai
sign-why = Khóa của bạn chỉ mở cho một chữ ký này rồi khóa lại.
sign-do = Ký
sign-not-yet = Chưa ký
sign-how = Tài liệu đã ký không thay đổi nữa. Muốn sửa phải lập phiên bản mới, có lý do và ký lại; bản này vẫn đọc được.
sign-annul = Hủy hiệu lực
sign-annul-do = Ký xác nhận hủy
sign-annul-how = Tài liệu vẫn đọc được và ghi rõ đã hết hiệu lực và lý do. Những gì phát sinh từ nó trong hồ sơ được đánh dấu là nhầm.
sign-annulled = Tài liệu đã hết hiệu lực.
sign-out-of-force = Hết hiệu lực
sign-done = Đã ký.
sign-signed = Đã ký
sign-wrong = Không đúng. Chưa ký gì cả.
sign-later = { $count ->
   *[other] Quá nhiều lần thử. Hãy thử lại sau { $count } phút.
}
sign-changed = Tài liệu vừa thay đổi. Hãy xem lại trước khi ký.
sign-refused = Quy tắc hồ sơ không cho phép chữ ký này: chỉ người hoàn tất biểu mẫu mới được ký.
sign-no-licence = Biểu mẫu này do người có chứng chỉ hành nghề ký, tài khoản của bạn chưa ghi số nào. Người quản lý tài khoản có thể bổ sung.
sign-licence = chứng chỉ { $number }
sign-list = Chữ ký
sign-institution = Cơ sở
sign-elsewhere = Ký tại cơ sở khác
sign-version = Phiên bản
sign-see = Xem phiên bản này
sign-evidence = Bằng chứng để kiểm tra ở nơi khác
sign-old = Đây là phiên bản cũ, đúng như khi ký.
sign-newest = Phiên bản mới nhất
sign-good = Chữ ký hợp lệ
sign-good-revoked-later = Hợp lệ; chứng thư bị thu hồi sau đó, { $time }
sign-doubt-no-signature = Không phải chữ ký đọc được
sign-doubt-altered = Tài liệu đã bị sửa sau khi ký
sign-doubt-another-document = Chữ ký thuộc tài liệu khác
sign-doubt-another-key = Ký bằng khóa khác với khóa của chứng thư
sign-doubt-unknown-authority = Chứng thư do tổ chức không được tin cậy ở đây cấp
sign-doubt-expired = Chứng thư đã hết hạn khi ký
sign-doubt-not-yet = Chứng thư chưa có hiệu lực
sign-doubt-revoked = Chứng thư đã bị thu hồi trước khi ký
sign-doubt-list = Danh sách thu hồi không phải của tổ chức cấp
sign-doubt-algorithm = Ở đây không biết thuật toán của chữ ký
sign-doubt-another-name = Chữ ký ghi tên khác với chứng thư
signing-key-title = Khóa ký của bạn
signing-key-help = Nếu có thể ai đó đã ký thay bạn, hãy thu hồi chứng thư. Những gì bạn ký trước đó vẫn hợp lệ; lần ký sau sẽ tạo khóa mới.
signing-key-revoke = Thu hồi
signing-key-revoked = Đã thu hồi chứng thư.
signing-key-none = Không có khóa nào để thu hồi.
papers-title = Giấy tờ và bản sao
papers-none = Chưa có bản giấy nào của tài liệu này.
paper-number = Số
paper-made = Ngày lập
paper-asked = Người yêu cầu
paper-given = Người giao
paper-code = Mã tra cứu
paper-make = Lập bản sao chứng thực
paper-who-asks = Ai yêu cầu
paper-make-how = Bản sao có số và mã. Danh sách này ghi lại việc lập, cho ai và do ai.
paper-certificate = Giấy chứng nhận
paper-copy = Bản sao chứng thực
paper-short = Bản cho nơi làm việc hoặc trường học, không ghi chẩn đoán
paper-refused = Không thể lập giấy này: tài liệu phải được ký và người yêu cầu ghi tối đa 200 ký tự.
paper-annulled = Tài liệu này đã hết hiệu lực: không lập và không nhận giấy nào của nó.
paper-picture = Mã để tra cứu giấy này
paper-person = Người
paper-signed = Đã ký
paper-electronic = Bản gốc là tài liệu điện tử. Giấy này được kiểm tra bằng mã.
paper-look-up = Tra cứu bằng mã
paper-back = Về tài liệu
paper-pdf = PDF để lưu hoặc in
paper-page = Trang { $page } / { $pages }
paper-failed = Không thể lập tệp PDF. Tài liệu vẫn có trong hồ sơ và đọc được trên trang của nó.
form-missing = Biểu mẫu của tài liệu này không có ở đây. Các câu trả lời được hiển thị với tên ngắn của chúng; ở đây không sửa, ký hay sao gì bằng chúng.
form-missing-draft = Biểu mẫu của bản nháp này không có ở đây. Các câu trả lời được hiển thị với tên ngắn của chúng; có thể bỏ bản nháp và bắt đầu lại bằng biểu mẫu có ở đây.
paper-unsigned = Chưa ký
paper-version = Phiên bản { $version } của tài liệu này, in theo mẫu { $template }.
paper-register-changed = Thông tin đăng ký của người này đã thay đổi sau khi ký.
paper-added = { $count ->
   *[other] Sau tài liệu có { $count } phần bổ sung.
}
paper-added-none = Khi lập bản sao này, tài liệu chưa có phần bổ sung nào.
paper-added-without = Bản sao này chỉ gồm tài liệu, không kèm những gì có thể đã được bổ sung.
paper-digest = Dấu vân tay của nội dung được dùng để lập (SHA-256)
form-registered-today = Khi ký, người này được đăng ký như trên. Hôm nay:
paper-once = Chỉ dùng một lần
paper-use = Sử dụng ngay
paper-use-how = Bấm khi người bệnh đến với giấy này. Sau đó không ai dùng lại được nữa.
paper-used-now = Đã tiếp nhận. Không dùng lại được nữa.
paper-used-before = Giấy này đã được dùng trước đó.
paper-expired-use = Giấy này đã hết hạn. Người ký có thể cấp giấy khác.
paper-once-elsewhere = Giấy này được ký tại cơ sở khác. Ở đây không biết giấy đã được dùng ở đó hay nơi khác chưa: hãy hỏi nơi cấp trước khi nhận.
paper-once-left = Hồ sơ đã được bàn giao cho cơ sở khác ngày { $time }. Ở đây không biết giấy đã được dùng ở đó chưa: hãy hỏi nơi đó trước khi nhận.
paper-once-asked = Tôi đã hỏi nơi đó: giấy chưa được dùng.
paper-once-ask = Giấy này có thể đã được dùng tại cơ sở khác. Hãy hỏi nơi đó và xác nhận.
paper-certificate-none = Giấy chứng nhận này chưa có mã: khi ký chưa lập mã nào.
paper-certificate-make = Lập giấy chứng nhận kèm mã
verify-title = Giấy này có thật không?
verify-intro = Nhập mã in trên giấy hoặc quét hình mã.
verify-look = Tra cứu
verify-absent = Không có giấy nào với mã và thông tin này. Hãy so cả hai với giấy.
verify-kind = Loại giấy
verify-issuer = Nơi cấp
verify-day = Ngày
verify-good = Còn hiệu lực
verify-replaced = Đã được thay bằng bản mới
verify-revoked = Đã bị hủy
verify-expired = Hết hạn
verify-used = Đã sử dụng
verify-unsure = Còn hiệu lực; ở đây không biết đã được dùng ở nơi khác chưa
verify-detail = Một thông tin trên giấy
verify-detail-how = Ngày sinh như ghi trên giấy, hoặc ít nhất bốn ký tự cuối của một mã số của người đó. Khi đó nội dung giấy được hiển thị.
verify-show = Hiển thị nội dung
verify-compare = Hãy so với giấy từng chữ.
verify-compare-more = Một phần nội dung trên giấy là việc riêng và không hiển thị ở đây. Hãy đối chiếu phần còn lại với giấy, từng chữ một.
verify-another = Giấy khác
verify-authority = Chữ ký này của ai
verify-authority-intro = Cơ sở này chứng thực khóa của nhân viên. Ai kiểm tra tài liệu đã ký ở nơi khác hãy so dấu vân tay này.
verify-fingerprint = Dấu vân tay (SHA-256)
verify-authority-file = Chứng thư dạng tệp
verify-card-title = Kiểm tra thẻ tiêm chủng
verify-card-intro = Dán nội dung máy quét đọc được (bắt đầu bằng shc:/) hoặc nội dung tệp thẻ. Không lưu lại gì.
verify-card-text = Thẻ
verify-card-do = Kiểm tra
verify-card-good = Thẻ này là thật
verify-card-none = Đây không phải thẻ tiêm chủng.
verify-card-unknown = Thẻ không do cơ sở này ký.
verify-card-forged = Thẻ đã bị sửa hoặc giả mạo.
verify-card-early = Thẻ chưa có hiệu lực.
verify-card-revoked = Thẻ đã bị thu hồi.
certificate-take-back = Thu hồi các thẻ đã cấp
certificate-take-back-how = Nếu thẻ rơi vào tay người khác hoặc sai: mọi thẻ đã cấp cho người này đến nay sẽ bị từ chối khi kiểm tra. Có thể cấp thẻ mới ngay.
certificate-take-back-do = Thu hồi
form-fault-ends-before = Ngày cuối trước ngày đầu hoặc trước hôm nay.
form-fault-not-whole-day = Các ngày trên giấy này phải ghi đủ ngày, tháng, năm.
form-fault-overlaps = Một số ngày đã nằm trong giấy khác ({ $bound }). Hãy bắt đầu sau đó hoặc hủy giấy kia.
form-fault-too-many-days = Một giấy tối đa { $bound } ngày. Hãy cấp giấy khác cho phần còn lại.
form-fault-too-many-in-all = Liên tục tối đa { $bound } ngày.
form-fault-needs-commission = Quá { $bound } ngày liên tục do hội đồng quyết định: hãy ghi quyết định.
form-fault-follows-nothing = Giấy ghi là tiếp theo nhưng không có giấy nào kết thúc hôm trước. Hãy chọn loại đầu tiên hoặc bắt đầu ngay sau đó.
form-fault-begins-too-early = Sớm nhất bắt đầu ngày { $bound }.
form-fault-begins-too-late = Muộn nhất bắt đầu ngày { $bound }: nếu bắt đầu sau ngày đó, hãy cấp giấy gần ngày nghỉ hơn.
form-fault-holds-too-long = Ngày muộn nhất là { $bound }.
form-fault-born-to-come = Ngày sinh ở tương lai: hãy xem lại ngày và giờ.
form-fault-mother-is-man = Hồ sơ ghi người này là nam. Giấy chứng sinh được lập trong hồ sơ của mẹ.
form-fault-mother-died = Hồ sơ ghi người mẹ đã mất trước ngày đó. Hãy xem lại cả hai ngày.
form-fault-mother-age = Theo ngày sinh của mẹ, vào ngày đó mẹ ngoài độ tuổi { $bound }. Hãy xem lại cả hai ngày.
form-fault-person-died = Hồ sơ ghi người này đã mất trước ngày cuối của giấy này. Hãy xem lại cả hai ngày.
form-fault-person-is-man = Hồ sơ ghi người này là nam. Loại giấy này dành cho thai sản.
form-fault-person-age = Theo ngày sinh, vào ngày đầu người này ngoài độ tuổi { $bound }. Hãy xem lại cả hai ngày.
form-fault-weight-for-weeks = Cân nặng không phù hợp với tuổi thai (dự kiến: { $bound }). Hãy xem lại cả hai.
form-fault-born-already = Trẻ này đã có giấy chứng sinh ({ $bound }). Hãy mở giấy đó để sửa; nếu sinh đa thai, hãy ghi thứ tự sinh.
form-fault-born-beside-single = Giấy khác ({ $bound }) ghi trẻ sinh trong những ngày này là sinh một. Nếu đây là trẻ sinh đôi cùng, hãy sửa giấy kia: đa thai, kèm thứ tự sinh. Nếu là cùng một trẻ, hãy sửa giấy kia thay vì lập giấy này.
form-fault-born-too-near = Giấy khác ({ $bound }) ghi một lần sinh của người mẹ này, và giữa hai lần không đủ thời gian cho một thai kỳ chừng ấy tuần. Hãy xem lại ngày và tuổi thai trên cả hai giấy; nếu sinh đa thai, cả hai giấy đều ghi đa thai, kèm thứ tự sinh.
form-fault-which-newborn = Có hơn một trẻ sơ sinh của người mẹ này trong ngày đó đã đăng ký và có thể là trẻ này. Hãy ghi thứ tự và giờ sinh ở đây; nếu đã có, hãy nhờ người quản lý danh bạ ghi vào hồ sơ các trẻ trước.
paper-short-do = Không ghi chẩn đoán
forms-title = Biểu mẫu
forms-drafts = Bản nháp đang làm
forms-begin = Điền biểu mẫu
forms-completed = Đã hoàn thành
forms-none = Chưa có biểu mẫu nào ở đây.
forms-none-completed = Chưa có biểu mẫu nào hoàn thành.
forms-find = Tìm biểu mẫu
forms-find-button = Tìm
forms-found = Biểu mẫu tìm thấy
forms-found-none = Không có biểu mẫu nào tên như vậy. Có thể gõ từ trong tên bằng bất kỳ thứ tiếng nào trong bốn thứ tiếng.
forms-all = Mọi biểu mẫu hợp với người này
forms-often = Hay dùng nhất
forms-kind-visit = Khám bệnh
forms-kind-hospital = Nội trú
forms-kind-programme = Chương trình quản lý
forms-kind-prevention = Trẻ em, tiêm chủng, dự phòng
forms-kind-paper = Giấy tờ
forms-kind-consent = Đồng ý và từ chối
forms-kind-other = Biểu mẫu khác
forms-others = { $count ->
   *[other] { $count } biểu mẫu dành cho tuổi hoặc giới tính khác. Tìm chúng theo tên.
}
forms-form = Biểu mẫu
forms-written = Ghi lúc
forms-by = Người ghi
forms-fill = Điền
forms-official = Chính thức
forms-proposed = Đề xuất
forms-standing = Chính thức: nguồn đã đọc nêu các trường của biểu mẫu. Đề xuất: chưa tiếp cận được nguồn như vậy; các trường là đề xuất, không phải quy định.
forms-amendment = Bản sửa đổi
forms-amended = Đã sửa đổi
forms-unknown = Biểu mẫu không có ở đây
forms-back = Tất cả biểu mẫu của người này
form-yes = Có
form-no = Không
form-no-answer = Không trả lời
form-nothing = không có gì
form-other = Khác, ghi bằng lời
form-required = Cần trả lời
form-unit = Đơn vị
form-more = Xem thêm
form-attachment = Tệp đính kèm
form-find = Tìm
form-no-list = Ở đây không có danh mục mã này: hãy ghi bằng lời.
form-found-more = { $count } kết quả đầu; gõ thêm để thu hẹp.
form-add = Thêm dòng
form-remove = Xóa
form-save = Lưu bản nháp
form-complete = Hoàn thành
form-discard = Bỏ bản nháp
form-discarded = Đã bỏ bản nháp. Lịch sử của nó vẫn còn.
form-how = Mỗi lần lưu đều được giữ. Chỉ khi hoàn thành mới thành một phần của hồ sơ.
form-saved = Đã lưu { $time }
form-saving = Đang lưu …
form-not-saved = Chưa lưu được; sẽ thử lại.
form-conflict-short = Người khác đã lưu biểu mẫu này. Bấm «Lưu» để xem cả hai.
form-conflict = Trong lúc đó người khác đã lưu biểu mẫu này. Phần của bạn chưa được ghi và không mất gì: chỗ nào bản kia khác thì hiện dưới ô. Hãy sửa những gì cần và lưu lại.
form-changed = Biểu mẫu đã thay đổi sau khi mở trang này. Chưa ghi gì cả: nội dung bạn gõ ở dưới, trừ các lựa chọn và số lượng. Hãy xem lại, chọn lại và lưu.
form-completed-meanwhile = Trong lúc đó biểu mẫu đã được hoàn thành. Nội dung bạn gõ không được ghi; bản có hiệu lực ở dưới.
form-theirs = Ở bản kia:
form-overtaken = Tài liệu này đã được sửa đổi sau khi bắt đầu bản sửa này; nếu hoàn thành, những gì vừa được sửa sẽ mất đi mà không ai biết.
form-overtaken-see = Tài liệu như hiện nay
form-anew = Bắt đầu lại
form-anew-how = Những gì bạn đã thay đổi vẫn ở bản nháp này; phần còn lại theo phiên bản mới hơn, chỗ nào khác nhau thì hiện cả hai. Việc này không hoàn thành gì cả.
form-anew-done = Đã bắt đầu lại từ phiên bản mới hơn. Những gì bạn thay đổi ở trong các ô; chỗ nào phiên bản đó ghi khác thì hiện dưới ô.
form-overtaken-annulled = Tài liệu này đã hết hiệu lực sau khi bắt đầu bản sửa này: không còn gì sửa đổi nó được nữa. Hãy bỏ bản nháp.
form-parts = Các phần
form-confirm-one = Từ hồ sơ: tôi đã kiểm tra
form-confirm-all = Tất cả đều đúng
form-absent-label = Không trả lời vì …
form-absent-unknown = Không rõ
form-absent-not-asked = Chưa hỏi
form-absent-declined = Từ chối trả lời
form-refused = Kết quả từ biểu mẫu này vi phạm quy tắc của hồ sơ. Bản nháp được giữ; hãy báo người quản lý biểu mẫu.
form-source = Nguồn của các trường:
form-followed = Kết quả trong hồ sơ
form-amend = Sửa đổi
form-amend-reason = Lý do
form-amend-how = Biểu mẫu mở ra như bản nháp với các câu trả lời này. Khi hoàn thành sẽ là phiên bản mới; bản cũ vẫn trong lịch sử.
form-amend-begin = Bắt đầu sửa đổi
form-amend-wrong = Sửa đổi cần lý do không quá một nghìn ký tự.
form-fault-missing = Cần trả lời.
form-fault-too-few = Cần ít nhất { $bound }.
form-fault-too-many = Nhiều nhất { $bound }.
form-fault-too-long = Nhiều nhất { $bound } ký tự.
form-fault-too-short = Ít nhất { $bound } ký tự.
form-fault-not-number = Đây không phải là số.
form-fault-not-whole = Đây không phải là số nguyên.
form-fault-grouped = Số này có thể hiểu theo hai cách. Hãy viết hàng nghìn không có dấu (1500) và phần thập phân bằng dấu phẩy (1,5); nếu sau dấu phẩy có ba chữ số, hãy thêm số 0 (1,2340).
form-fault-too-small = Ít nhất { $bound }.
form-fault-too-large = Nhiều nhất { $bound }.
form-fault-too-precise = Nhiều nhất { $bound } chữ số thập phân.
form-fault-not-date = Đây không phải là ngày.
form-fault-not-time = Đây không phải là giờ.
form-fault-not-address = Đây không phải là địa chỉ web.
form-fault-pattern = Chưa đúng dạng yêu cầu.
form-fault-not-offered = Không có trong các lựa chọn.
form-fault-no-unit = Thiếu đơn vị.
form-fault-unit-not-offered = Đơn vị này không có.
form-fault-wrong-type = Có câu trả lời mà biểu mẫu này không hỏi.
form-fault-unconfirmed = Lấy từ hồ sơ: hãy kiểm tra và xác nhận.
form-fault-rule = Vi phạm một quy tắc của biểu mẫu.
form-found = { $count ->
   *[other] Tìm thấy { $count }.
}
form-wrong = { $count ->
   *[other] Còn { $count } chỗ chưa đúng
}
form-flaws = { $count ->
   *[other] { $count } phần của biểu mẫu không đọc được và bị bỏ qua. Hãy báo người quản lý biểu mẫu.
}
form-unconfirmed = { $count ->
   *[other] { $count } câu trả lời lấy từ hồ sơ và chưa được xác nhận.
}
form-done = { $count ->
   *[other] Đã hoàn thành. { $count } mục của hồ sơ được tạo từ biểu mẫu.
}

# How long a record is kept
held-record = Hồ sơ đang bị giữ và không được xóa.
held-kind = Có tài liệu đang bị giữ và không được xóa ({ $kind }).
held-until = Đến { $day }.
held-open = Cho đến khi lệnh giữ được gỡ.
held-by = Người yêu cầu: { $login }: { $reason }.
kept-until = Lưu giữ ít nhất đến { $day }.
kept-undated = Không thể nói lưu giữ đến khi nào: không mục nào có ngày để tính.
kept-by-writing = { $count ->
   *[other] { $count } mục không nói được thực hiện khi nào và được tính từ ngày ghi lần cuối tại đây
}
kept-for-life = { $count ->
   *[other] Lưu giữ suốt đời và ít nhất { $count } năm sau đó.
}

# ---- việc cần hai người

agreements-title = Người thứ hai
agreements-intro = Xóa một người và xuất toàn bộ dữ liệu cần hai người. Hãy hỏi người yêu cầu trước khi đồng ý; câu trả lời của bạn được lưu trong nhật ký cùng tên bạn.
agreements-none = Không ai chờ bạn trả lời.
agreements-erasure = Xóa vĩnh viễn một người
agreements-export = Xuất toàn bộ dữ liệu
agreements-persons = Xuất hồ sơ của tất cả mọi người
agreements-asked = Người yêu cầu
agreements-no-reason = Không nêu lý do.
agreements-until = Đến { $time }
agreements-by = Đã đồng ý
agreements-agree = Đồng ý lần này
agreements-agree-standing = Đồng ý trong 30 ngày
agreements-why-not = Lý do từ chối
agreements-decline = Từ chối
agreements-withdraw = Rút lại sự đồng ý
agreements-agreed = Bạn đã đồng ý.
agreements-declined = Bạn đã từ chối.
agreements-withdrawn = Đã rút lại sự đồng ý.
agreements-reason-wrong = Hãy nêu lý do, từ 1 đến 500 ký tự trên một dòng.

# ---- cơ sở chỉ nhận khóa truy cập, và nhà cung cấp liên kết sau

sign-in-passkey-only = Nơi này chỉ nhận khóa truy cập: hãy chọn đăng nhập bằng khóa truy cập. Nếu bạn làm mất, hãy hỏi người quản lý tài khoản.
passkey-required = Nơi này chỉ nhận khóa truy cập. Hãy thêm một khóa ngay; từ đó bạn vào bằng khóa, không bằng mật khẩu.
passkey-last = Đây là khóa truy cập cuối cùng của bạn và nơi này cần có khóa. Hãy thêm khóa khác trước khi gỡ.
accounts-no-passkey = chưa có khóa truy cập
provider-link = Đăng nhập cả bằng { $name }
provider-link-title = Liên kết tài khoản của bạn
provider-link-ask = { $name } đã cho biết bạn là ai. Từ nay có cho bạn vào tài khoản này qua đó không?
provider-link-yes = Liên kết
provider-link-no = Để sau
provider-linked = Đã liên kết. Từ nay bạn vào bằng cách nào cũng được.
provider-is-linked = { $name } cho bạn vào.
provider-unlink = Gỡ liên kết
provider-unlink-help = Cần mật khẩu của bạn, vì sau đó bạn vào bằng mật khẩu. Ai vào qua nhà cung cấp sẽ bị đăng xuất.
provider-unlinked = Đã gỡ liên kết.
provider-unlike-account = Nhà cung cấp nêu tên người khác với hồ sơ này. Hãy hỏi trạm y tế.

# ---- ai chi trả, người bệnh thuộc cơ sở nào, và chuyển sang đơn vị khác

section-coverage = Bảo hiểm và cơ sở
coverage-title = Bảo hiểm
coverage-covered = Hôm nay có bảo hiểm
coverage-uncovered = Hôm nay không ai chi trả
coverage-none = Chưa ghi nhận bảo hiểm nào.
coverage-payor = Bên chi trả
coverage-payor-treats = { $name } (khám chữa bệnh)
coverage-payor-asked = Nơi tôi chọn khám chữa bệnh theo hồ sơ của nó, và nơi đó chi trả cho người này.
coverage-number = Số
coverage-number-wrong = số không đúng theo loại của nó
coverage-from = Từ ngày
coverage-until = Đến ngày
coverage-now = hiện nay
coverage-past = đã kết thúc
coverage-later = bắt đầu sau
coverage-void = không có hiệu lực
coverage-overlaps = trùng với bảo hiểm khác
coverage-gap = Không ai chi trả trong { $count } ngày
coverage-end = Kết thúc
coverage-end-button = Kết thúc vào ngày này
coverage-last-day = Ngày cuối
coverage-last-day-if = Ngày cuối, nếu đã biết
coverage-first-day = Ngày đầu
coverage-desk = Tại quầy tiếp nhận
coverage-find = Tìm cơ sở, tổ chức hoặc bên bảo hiểm
coverage-find-help = Kết quả tìm được có thể chọn bên dưới. Nếu không tìm, danh sách gồm những nơi hồ sơ đã nêu.
coverage-found-none = Không tìm thấy tên nào như vậy.
coverage-find-first = Hãy tìm cơ sở hoặc bên bảo hiểm trước.
coverage-begin = Bắt đầu bảo hiểm
coverage-begin-button = Bắt đầu vào ngày này
coverage-kind = Loại
coverage-kind-public = bảo hiểm công
coverage-kind-subsidised = chương trình được hỗ trợ
coverage-kind-extended = bảo hiểm bổ sung
coverage-kind-private = bảo hiểm tư nhân
coverage-scheme = Loại số
coverage-scheme-none = loại khác, không được kiểm tra
coverage-fault = Hiện không thực hiện được: vừa có người thay đổi. Hãy xem lại.
coverage-fault-payor = Hãy chọn bên chi trả và loại bảo hiểm.
coverage-fault-payor-asked = Theo hồ sơ, nơi được chọn khám chữa bệnh. Nếu nơi đó chi trả cho người này, hãy chọn lại và đánh dấu; nếu không, hãy chọn bên chi trả.
coverage-fault-overlaps = Bảo hiểm mới bắt đầu khi ngày cuối của bảo hiểm kết thúc chưa qua: hãy cho bắt đầu vào ngày kế tiếp.
coverage-fault-day = Hãy xem lại các ngày: ngày cuối không trước ngày đầu, và bảo hiểm đã kết thúc không được kéo dài.
coverage-fault-no-first-day = Ngày đầu không tồn tại hoặc không ghi đủ: hãy xem lại.
coverage-fault-no-last-day = Ngày cuối không tồn tại hoặc không ghi đủ: hãy xem lại.
coverage-fault-far-first-day = Ngày đầu quá xa: hãy xem lại năm.
coverage-fault-far-last-day = Ngày cuối quá xa: hãy xem lại năm.
coverage-fault-before-birth = Ngày đầu trước ngày sinh của người này: hãy xem lại cả hai.
coverage-fault-ended-already = Bảo hiểm này đến lúc đó đã kết thúc, và bảo hiểm đã kết thúc không được kéo dài.
coverage-fault-ends-before = Ngày cuối trước ngày đầu.
coverage-fault-number = Số không đúng theo loại của nó: sai độ dài hoặc sai chữ số kiểm tra.
coverage-fault-unit = Hãy chọn cơ sở khác. Đổi cơ sở có thể đến bất kỳ nơi nào; chuyển đi là sang tổ chức khác từ nơi người bệnh đang thuộc về; cơ sở ngừng hoạt động không nhận ai.
coverage-fault-not-a-unit = Hãy chọn cơ sở khác: không ai được phân về công ty bảo hiểm, bên chi trả hay phòng xét nghiệm. Nếu nơi đó cũng khám chữa bệnh, hồ sơ của nó phải ghi rõ (loại prov).
unit-title = Cơ sở quản lý
unit-column = Cơ sở
unit-now = hiện nay
unit-past = trước đây
unit-transferred = đã chuyển đi
unit-none = Chưa thuộc cơ sở nào.
unit-none-desk = Hãy tìm cơ sở bên dưới và ghi nhận người bệnh vào đó.
unit-new = Cơ sở mới
unit-change = Đổi cơ sở
unit-change-intro = Một thao tác: nhân viên cơ sở mới thấy ngay toàn bộ hồ sơ. Các cơ sở trước vẫn được liệt kê, và bác sĩ gia đình mới sẽ được chỉ định ở đó.
unit-change-button = Ghi nhận vào cơ sở này
transfer = Chuyển sang tổ chức khác
transfer-intro = Tổ chức mới thấy ngay toàn bộ hồ sơ. Tổ chức trước giữ những gì chính họ đã ghi và không còn thấy phần khác, trừ khi cấp cứu. Không có gì bị xóa.
transfer-ends = Bảo hiểm kết thúc
transfer-payor = Bên chi trả từ nay
transfer-payor-none = chưa biết
transfer-button = Chuyển

forms-said-person = Lời của người bệnh
forms-said-proxy = Lời của người đại diện
forms-said-you = Lời của bạn
mine-forms = Biểu mẫu dành cho bạn
send-check = Xem lại và gửi
send-draft = Mỗi lần lưu đều được giữ. Người khám chỉ thấy những gì bạn gửi.
send-title = Gửi
send-as = Người gửi
send-do = Gửi
send-not-yet = Chưa gửi
send-how = Nội dung vào hồ sơ như lời của bạn, kèm tên và giờ. Sau đó không sửa được nữa: muốn sửa, hãy gửi lại biểu mẫu.
send-consent = Điều bạn đồng ý hoặc từ chối ở đây có hiệu lực từ lúc gửi, cho đến khi bạn gửi điều khác.
send-changed = Biểu mẫu đã thay đổi trong lúc đó. Hãy xem lại trước khi gửi.
send-done = Đã gửi. Người khám thấy đây là lời của bạn.
form-take = Điền tiếp với các câu trả lời này
form-take-how = Mở một bản nháp với lời của người bệnh. Bạn xác nhận từng câu, và phần hoàn tất là của bạn; lời của người bệnh giữ nguyên.
vaccine-refused = Đã từ chối ngày { $day }
overdue-refused = { $since } (đã từ chối ngày { $day })
form-addendum = Phần bổ sung
form-addendum-open = Mở phần bổ sung và chữ ký
form-appends = Bổ sung cho:
form-append = Bổ sung
form-append-how = Phần bổ sung là một tài liệu riêng có chữ ký riêng. Tài liệu đã ký giữ nguyên, cả hai được hiện cùng nhau. Muốn sửa điều sai, hãy đính chính.
form-append-wrong = Chỉ bổ sung cho tài liệu đã ký còn hiệu lực, và khi nơi này có biểu mẫu cho việc đó.
form-append-annulled = Không bổ sung gì vào tài liệu đã hết hiệu lực. Hãy viết điều cần biết thành một tài liệu riêng; bản nháp phần bổ sung có thể bỏ đi.
forms-addendum-alone = Phần bổ sung được bắt đầu từ tài liệu cần bổ sung: hãy mở tài liệu đã ký và bấm “Bổ sung”.
form-fault-too-costly = Biểu mẫu quá nặng ở “{ $bound }”: không tính hoặc hỏi được phần đó. Hãy báo cho người giữ biểu mẫu.
form-fault-not-begun = Không thể điền sẵn thông tin từ hồ sơ vào đây vì tính toán quá tốn kém. Hãy tự điền và báo cho người quản lý biểu mẫu.
form-fault-left-out = Hồ sơ còn { $bound } mục nữa mà biểu mẫu không đủ chỗ. Hãy xem trong hồ sơ và ghi vào đây điều quan trọng.
form-fault-unsettled = Các công thức của biểu mẫu mâu thuẫn nhau ở “{ $bound }”. Hãy báo cho người giữ biểu mẫu.

# What happened after a vaccination.
event-title = Sự cố sau tiêm chủng
event-intro = Điều quan sát được sau một mũi tiêm. Không nói gì về nguyên nhân; người tiêm mũi sau sẽ thấy và cân nhắc.
event-dose = Sau mũi tiêm nào
event-what = Đã xảy ra điều gì
event-words = Ghi bằng lời
event-day = Bắt đầu ngày
event-serious = Đe dọa tính mạng, phải nhập viện hoặc để lại di chứng
event-write = Ghi lại
event-fault-dose = Chọn một mũi tiêm trong hồ sơ này.
event-fault-what = Cho biết đã xảy ra điều gì; nếu là điều khác, ghi bằng lời.
event-fault-day = Ngày không trước mũi tiêm và không ở tương lai.
event-fever = Sốt
event-local-reaction = Phản ứng tại chỗ tiêm
event-rash = Phát ban
event-crying = Khóc nhiều giờ
event-seizure = Co giật
event-collapse = Trụy mạch hoặc mềm nhũn
event-anaphylaxis = Phản vệ
event-intussusception = Lồng ruột
event-other = Điều khác
event-is-serious = nặng
event-add = Ghi một phản ứng
reason-after-event = Sau một mũi trước đã có sự cố ngày { $day }: cân nhắc trước mũi tiếp theo.
reason-after-serious-event = Sau một mũi trước đã có sự cố nặng ngày { $day }: bác sĩ quyết định về mũi tiếp theo.

# Milestones of development.
milestones-title = Phát triển
milestone = Trẻ làm được
milestone-ages = Tuổi
milestones-note = Chậm chỉ là điều đã được xem mà không thấy. Trẻ sinh trước 37 tuần: so theo tuổi hiệu chỉnh đến hai tuổi.
milestone-is-reached = Làm được
milestone-is-late = Chậm
milestone-is-unknown = Chưa ai ghi
milestone-is-skipped = Không phải trẻ nào cũng có
milestone-is-now = Đang tuổi
milestone-is-not-yet = Sau này
milestone-why-late = Đã xem mà không thấy; gần như mọi trẻ làm được trước { $age }.
card-gap-milestone = Chưa ghi trẻ có làm được không: { $milestone }
milestone-smiles = Cười với người khác
milestone-holds-head = Giữ vững đầu
milestone-rolls = Lật
milestone-sits-alone = Ngồi vững
milestone-stands-with-help = Đứng có vịn
milestone-crawls = Bò bằng tay và gối
milestone-walks-with-help = Đi có vịn
milestone-stands-alone = Đứng vững
milestone-walks-alone = Đi vững
milestone-first-words = Nói từ
milestone-phrases = Nói câu ngắn

# ---- nơi người đó sống

section-address = Địa chỉ
address-title = Nơi cư trú
address-none = Chưa ghi địa chỉ nào.
address-kind = Dùng cho
address-use-home = nhà ở
address-use-work = nơi làm việc
address-use-temp = tạm thời
address-use-billing = hóa đơn
address-now = hiện nay
address-past = trước đây
address-since = từ { $year } là { $place }
address-mend = Sửa lại
address-mend-title = Sửa một địa chỉ
address-mend-help = Chỗ ghi sai được sửa; bản trước vẫn còn trong lịch sử. Tỉnh không còn nữa vẫn giữ như đã ghi. Ai chuyển nhà thì ghi địa chỉ mới.
address-mend-button = Sửa lại
address-move = Chuyển nơi ở
address-move-help = Địa chỉ mới bắt đầu từ ngày đầu tiên, địa chỉ hiện nay kết thúc vào hôm trước đó. Không mất gì cả.
address-move-button = Ghi địa chỉ mới
address-move-instead = Ghi việc chuyển nơi ở
address-country = Quốc gia
address-country-button = Hiện danh sách
address-country-name = Tên quốc gia
address-elsewhere = nước khác
address-state = Tỉnh, thành phố hoặc bang
address-state-help = Gõ phần đầu rồi chọn. Danh sách có các đơn vị hiện nay.
address-as-typed = Không có trong danh sách: ghi như tôi đã gõ
address-district = Quận, huyện
address-city = Xã, phường, thị trấn
address-line = Số nhà, đường
address-postal = Mã bưu chính
address-fault-state = Không có trong danh sách của nước đó. Hãy chọn từ danh sách, hoặc đánh dấu là ghi như đã gõ.
address-fault-ended = Đơn vị này không còn nữa. Nay là { $place }: hãy chọn tên đó.
address-fault-kept = Tỉnh đã ghi nay thành đơn vị này. Địa chỉ giữ như đã ghi, và trang này nói bên cạnh nay là gì. Hãy để nguyên, hoặc ghi rằng người đó đã chuyển đi.
address-fault-day = Xem lại ngày đầu tiên: không phải ngày sắp tới, và không trước khi địa chỉ hiện nay bắt đầu. Nếu địa chỉ đó sai thì sửa lại.
address-fault-no-day = Xem lại ngày đầu tiên: ngày không tồn tại hoặc không ghi đủ. Hãy ghi năm, tháng và ngày.
address-fault-place = Xem lại địa chỉ: ít nhất phải có một nơi, và mỗi phần là một dòng ngắn.
death-title = Tử vong
death-record = Ghi nhận tử vong
death-correct = Sửa ngày mất
death-help = Ai mở hồ sơ cũng sẽ thấy người này đã mất. Hãy xem lại một lần nữa đó là ai. Ngày không biết thì không đoán.
death-day = Ngày mất
death-time = Giờ, nếu biết
death-undated = Không ai biết ngày
death-known-from = Biết từ đâu (giấy báo tử, tin báo), trong một dòng và không ghi tên
death-button = Ghi nhận
death-take-back = Rút lại: đã ghi nhầm người
death-take-back-help = Hồ sơ sẽ không còn nói người này đã mất. Điều đã ghi vẫn còn trong lịch sử.
death-take-back-button = Rút lại
death-fault-day = Xem lại ngày: hãy nhập một ngày có thật, hoặc cho biết không ai biết ngày và để trống ngày giờ.
death-fault-to-come = Xem lại ngày giờ: tử vong chỉ được ghi nhận sau khi đã xảy ra.
death-fault-birth = Xem lại ngày: ngày này trước ngày sinh của người đó.
life-fault-record = Một dữ liệu khác của người này không thể đúng, như ngày sinh. Hãy sửa điều đó trước.

# ---- where an entry was written

field-institution = Cơ sở y tế
institution-not-stated = chưa ghi cơ sở y tế
openings-from-elsewhere = Từ nơi khác
openings-from-elsewhere-intro = Những lần xem này diễn ra ở cơ sở khác, trước khi hồ sơ đến đây. Cơ sở đó đã cho biết khi bàn giao hồ sơ; đó là lời của họ và không thuộc nhật ký ở trên.
openings-from-elsewhere-more = { $count ->
   *[other] Không hiện { $count } lần xem cũ hơn.
}

register-title = Đăng ký người bệnh
register-kind = Người này là ai
register-kind-known = Có giấy tờ
register-kind-foreigner = Người nước ngoài có hộ chiếu
register-kind-unknown = Chưa rõ danh tính, cấp cứu
register-kind-newborn = Trẻ sơ sinh có mẹ đã đăng ký
register-newborn-of = Đăng ký trẻ sơ sinh
register-country = Quốc gia của giấy tờ
register-country-button = Hiện các mục của nước này
register-born = Ngày sinh
register-born-help = Ngày, tháng và năm; hoặc chỉ năm nếu không rõ hơn. Có thể bỏ trống nếu số định danh đã cho biết.
register-age = Hoặc khoảng bao nhiêu tuổi
register-age-help = Lưu thành năm sinh, có ghi là ước tính.
register-age-alone = Khoảng bao nhiêu tuổi
register-mother = Mẹ
register-mother-help = Số hoặc họ tên của mẹ. Nếu mở hồ sơ của mẹ rồi đi từ đó thì không cần tìm.
register-mother-seek = Tìm
register-mother-this = Đây là mẹ
register-mother-other = Người mẹ khác
register-mother-none = Hãy đăng ký mẹ trước; chưa rõ danh tính nếu không nói được mình là ai.
register-mother-missing = Trẻ sơ sinh được đăng ký cùng với mẹ: hãy tìm và chọn mẹ.
register-born-day = Ngày sinh
register-born-day-help = Ngày, tháng và năm.
register-born-time = Giờ sinh
register-born-time-help = Giờ và phút, như 9:15.
register-birth-order = Trẻ thứ mấy
register-birth-order-help = Để phân biệt trẻ sinh đôi, cả khi lập giấy chứng sinh.
register-birth-single = sinh một
register-birth-nth = trẻ thứ { $place } trong lần sinh
register-same-mother = Cùng mẹ, cùng ngày.
register-former-number = Người này trước đây mang số này: hãy kiểm tra số này là của ai.
register-passport = Số hộ chiếu
register-passport-country = Nước cấp
register-passport-country-help = Ba chữ cái như ghi trong hộ chiếu: FRA, CHN.
register-contact = Người cần báo tin, họ tên
register-contact-telephone = Người cần báo tin, điện thoại
register-place = Nơi tìm thấy
register-place-help = Cùng với số tạm thời, giúp phân biệt những người chưa rõ danh tính.
register-number-help = Có hoặc không có dấu cách. Điều số này cho biết không cần nhập lại.
register-look-again = Chưa đăng ký ai: hãy xem lại các mục được đánh dấu.
register-fault-missing = Cần nhập mục này.
register-fault-unreadable = Không đọc được: hãy đối chiếu với giấy tờ.
register-fault-impossible = Ở tương lai hoặc quá xa: hãy xem lại năm.
register-fault-short = Thiếu ký tự: hãy đối chiếu với giấy tờ.
register-fault-long = Thừa ký tự: hãy đối chiếu với giấy tờ.
register-fault-sign = Có ký tự không thể ở vị trí đó: chữ và số dễ nhầm.
register-fault-no-digit = Chỉ có chữ cái: thiếu các chữ số. Hãy đối chiếu với giấy tờ.
register-fault-birth = Ngày sinh trong số này không tồn tại: hãy đối chiếu với giấy tờ.
register-fault-region = Mã vùng trong số này không có trong danh mục: hãy đối chiếu với giấy tờ.
register-fault-check = Chữ số kiểm tra không khớp: một ký tự sai hoặc hai ký tự đổi chỗ.
register-fault-placeholder = Chỉ gồm số 0, một chữ số lặp lại, hoặc mã chung cho người nước ngoài: hãy nhập số trên giấy tờ hoặc để trống.
register-fault-birth-to-come = Số này cho biết ngày sinh ở tương lai: hãy đối chiếu chữ số thế kỷ và năm với giấy tờ.
register-fault-contradicts = Ngày sinh và tuổi mâu thuẫn nhau: hãy sửa một mục hoặc để trống một mục.
register-held = Người này đã được đăng ký: đã có người mang số này. Hãy mở hồ sơ đó, hoặc sửa lại số.
register-held-elsewhere = Một số đã thuộc về người được đăng ký trước. Chưa đăng ký ai. Hãy xem lại hoặc hỏi bộ phận hồ sơ.
register-likely-help = Nếu đúng người thì mở hồ sơ. Nếu không ai đúng, hãy đăng ký bên dưới.
register-this = Đúng người này
register-agrees = Khớp: { $what }.
register-differs = Khác: { $what }.
register-limit-twins = Có thể là người sinh đôi.
register-limit-country = Được ghi nhận ở hai quốc gia khác nhau.
register-limit-number = Mang số riêng khác.
register-limit-other = Số này có thể của người khác.
register-warnings = Điều không khớp nhau
register-says-birth = { $number } cho biết ngày sinh khác.
register-says-sex = { $number } cho biết giới tính khác.
register-confirm = Tôi đã đối chiếu với giấy tờ: đăng ký như đã nhập.
register-button = Đăng ký
register-new-button = Đăng ký là người mới
register-again-button = Kiểm tra lại

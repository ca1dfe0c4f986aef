# Las palabras de las páginas en español (uso clínico de México). Los cuatro archivos tienen las mismas claves.

# ---- el marco de cada página
skip-to-content = Ir al contenido
find-label = Buscar paciente
find-placeholder = Nombre, fecha de nacimiento o identificador
find-button = Buscar
sign-out = Cerrar sesión
language-label = Idioma
rail-label = Expediente
banner-label = Paciente
keyboard = Teclado
close = Cerrar
back-to-overview = Volver al resumen
show-all = Ver todo
not-stated = Sin dato

keys-title = Teclado
keys-find = Buscar paciente
keys-map = Esta lista
keys-go = Después, ir a
keys-off = Desactivar teclas de una letra
keys-on = Activar teclas de una letra
keys-without = Las páginas funcionan sin teclado y sin script.

# ---- entrada
sign-in-title = Iniciar sesión
sign-in-intro = El expediente clínico de su institución.
sign-in-login = Usuario
sign-in-password = Contraseña
sign-in-button = Entrar
sign-in-refused = El usuario y la contraseña no coinciden.
sign-in-wait = Demasiados intentos con este usuario. Intente de nuevo en { $count ->
    [one] { $count } minuto
    [many] { $count } de minutos
   *[other] { $count } minutos
}.
sign-in-ended = Su sesión terminó. Inicie sesión de nuevo.
sign-in-expired = Esta página estuvo abierta demasiado tiempo. Intente una vez más.
sign-in-trace = Cada expediente que usted abre queda registrado y la persona puede verlo.

# ---- búsqueda
find-title = Buscar paciente
find-help = Cualquier parte del nombre, en cualquier orden, con o sin acentos; una fecha de nacimiento; un identificador.
find-example = Ejemplos: maria lopez 1958 · 14/03/1958 · un identificador con o sin espacios
find-none = No se encontró a nadie.
find-none-hint = Pruebe con menos palabras, solo el año de nacimiento o solo el identificador.
find-count = { $count ->
    [one] { $count } persona
    [many] { $count } de personas
   *[other] { $count } personas
}
find-more = Se muestran las primeras { $count }. Agregue una palabra o el año de nacimiento para ver menos.
find-column-person = Paciente
find-column-born = Nacimiento
find-column-sex = Sexo
find-column-identifier = Identificador
find-column-place = Lugar
find-column-seen = Última atención

# ---- quién
born = Nacimiento
born-about = hacia { $date }
age-about = unos { $age }
sex = Sexo
died = Defunción
age-years = { $count ->
    [one] { $count } año
    [many] { $count } de años
   *[other] { $count } años
}
age-months = { $count ->
    [one] { $count } mes
    [many] { $count } de meses
   *[other] { $count } meses
}
age-days = { $count ->
    [one] { $count } día
    [many] { $count } de días
   *[other] { $count } días
}
age-at-death = a los { $age }
gender-male = Hombre
gender-female = Mujer
gender-other = Otro
gender-unknown = No se conoce
name-unknown = Nombre sin dato
identifier = Identificador
insurance = Afiliación
allergy = Alergia
allergies-none = Alergias conocidas: negadas
allergies-none-asked = Alergias conocidas: negadas (interrogado el { $date })
allergies-not-asked = Alergias no interrogadas
allergies-copy = Alergias: no constan en esta copia
record-copy = Esta es una copia parcial: la persona dejó su institución. No se muestra lo que escribieron otros ni lo posterior; lo que aquí falta, toca o está atrasado puede constar en otro lugar.
banner-more = { $count } más
flags-more = { $count ->
    [one] { $count } aviso más
    [many] { $count } de avisos más
   *[other] { $count } avisos más
}

# ---- secciones del expediente
section-overview = Resumen
section-timeline = Cronología
section-problems = Problemas
section-notes = Notas
section-medicines = Medicamentos
section-results = Resultados
section-vitals = Signos vitales
section-imaging = Imagenología
section-referrals = Solicitudes y referencias
section-admissions = Hospitalización
section-plans = Planes de cuidado
section-vaccinations = Vacunas
section-growth = Crecimiento

# ---- resumen
problems-active = Problemas activos
problems-resolved = Problemas resueltos
problems-none = Sin problemas activos registrados.
problem = Problema
state = Estado
since = Desde
until = Hasta
problem-active = Activo
problem-recurrence = Recurrencia
problem-relapse = Recaída
problem-inactive = Inactivo
problem-remission = En remisión
problem-resolved = Resuelto
problem-provisional = Por confirmar

medicines-current = Medicamentos actuales
medicines-past = Medicamentos anteriores
medicines-none = Sin medicamentos actuales registrados.
medicine = Medicamento
medicine-how = Indicación
medicine-on-hold = En pausa
medicine-not-given = No administrar
medicine-reported = Referido por la persona
medicine-stopped = Suspendido
medicine-completed = Terminado
medicine-cancelled = Cancelado
medicine-draft = Borrador
dose-times = { $count ->
    [one] { $count } vez
    [many] { $count } de veces
   *[other] { $count } veces
}
dose-per-day = al día
dose-per-hours = { $count ->
    [one] cada hora
    [many] cada { $count } de horas
   *[other] cada { $count } horas
}
dose-per-days = cada { $count } días
dose-per-week = por semana
dose-per-month = al mes
dose-as-needed = por razón necesaria

results-latest = Resultados recientes
results-none = Sin resultados registrados.
result-test = Estudio
result-value = Resultado
result-previous = Previo
result-trend = Tendencia
result-high = por arriba de la referencia
result-low = por debajo de la referencia
result-critical-high = crítico alto
result-critical-low = crítico bajo
result-abnormal = anormal
result-normal = dentro de la referencia
result-absent = Sin valor
result-preliminary = Preliminar
result-corrected = Corregido
result-yes = Sí
result-no = No
trend-label = { $name }, del más antiguo al más reciente: { $values }
trend-reference = Referencia

vitals-none = Sin signos vitales registrados.
vital-sign = Signo
vital-blood-pressure = Tensión arterial
vital-pulse = Frecuencia cardiaca
vital-saturation = SpO₂
vital-temperature = Temperatura
vital-breathing = Frecuencia respiratoria
vital-weight = Peso
vital-height = Talla
vital-mass-index = IMC
vital-head = Perímetro cefálico
unit-mercury = mmHg
unit-per-minute = /min

visit-this = Esta consulta
visit-open = Abierta desde { $date }
visit-last = Última atención { $date }
visit-never = Sin atenciones registradas.
visit-next = Próxima cita { $date }
days-ago = { $count ->
    [0] hoy
    [one] ayer
    [many] hace { $count } de días
   *[other] hace { $count } días
}

story-latest = Atenciones recientes
story-none = Sin atenciones registradas.

due-open = Pendientes
due-none = No hay pendientes.
due-referral = Sin respuesta
due-result = Resultado pendiente
due-appointment = Cita
due-task = Tarea
due-vaccine = Vacuna
due-overdue = Atrasado
due-more = { $count } más
due-on = Para el { $date }
due-since = Desde { $date }
address-today = hoy { $place }

sources-title = Fuentes y faltantes
sources-places = { $count ->
    [one] Fuente: { $count } establecimiento
    [many] Fuentes: { $count } de establecimientos
   *[other] Fuentes: { $count } establecimientos
}
sources-entries = Registros
sources-last-entry = Último registro
sources-received = Recibido
sources-silent = Nada desde { $date }
sources-unknown = Establecimiento sin dato
sources-none = No se ha recibido nada.
sources-flawed = { $count ->
    [one] { $count } registro se conservó aunque incumple una regla del formato.
    [many] { $count } de registros se conservaron aunque incumplen una regla del formato.
   *[other] { $count } registros se conservaron aunque incumplen una regla del formato.
}

# ---- cronología
timeline-title = Cronología
timeline-kind = Tipo
timeline-place = Establecimiento
timeline-everything = Todo lo clínico
timeline-every-place = Todos
timeline-none = No hay registros que coincidan.
timeline-events = { $count ->
    [one] { $count } registro
    [many] { $count } de registros
   *[other] { $count } registros
}
timeline-years = Años
timeline-no-date = Sin fecha
timeline-values-more = { $count ->
    [one] { $count } valor más
    [many] { $count } de valores más
   *[other] { $count } valores más
}
page-newer = Más recientes
page-older = Más antiguos
page-of = Página { $page } de { $pages }

kind-visit = Consulta
kind-home-visit = Visita domiciliaria
kind-remote-visit = Teleconsulta
kind-emergency = Urgencias
kind-admission = Hospitalización
kind-note = Nota
kind-result = Resultados
kind-measurement = Signos vitales
kind-history = Interrogatorio y hábitos
kind-problem = Problema
kind-allergy = Alergia
kind-medicine = Medicamento
kind-dispense = Medicamento surtido
kind-vaccination = Vacuna
kind-procedure = Procedimiento
kind-imaging = Imagenología
kind-referral = Solicitud o referencia
kind-plan = Plan de cuidado
kind-appointment = Cita
kind-family = Antecedentes familiares
kind-device = Dispositivo
kind-consent = Consentimiento
kind-administration = Administración
kind-other = Otro registro
kind-person = Paciente

# ---- un documento
document-received = Datos recibidos
document-received-note = Tal como llegaron, para quienes conectan sistemas.
document-received-long = Los datos recibidos son demasiado largos para mostrarse aquí ({ $count } bytes). La interfaz /fhir los entrega completos.
document-version = Versión { $version }, recibida { $date }
document-flawed = Este registro se conservó aunque incumple una regla del formato.
document-no-text = Este registro no tiene texto legible.
document-attachment-other = Un adjunto de tipo { $type } no puede mostrarse aquí.
document-narrative = Texto como se recibió
document-visit = Atención
document-belongs = Registrado en esta atención
document-entered-in-error = Registrado por error

field-status = Estado
field-what = Qué
field-date = Fecha
field-period = Periodo
field-place = Lugar
field-person = Por
field-reason = Motivo
field-note = Nota
field-site = Sitio anatómico
field-value = Valor
field-conclusion = Conclusión
field-diagnosis = Diagnóstico
field-severity = Gravedad
field-reaction = Reacción
field-dose = Dosis
field-lot = Lote
field-manufacturer = Fabricante
field-activity = Actividades
field-goal = Meta
field-priority = Prioridad
field-description = Descripción
field-phone = Teléfono
field-address = Domicilio
field-contact = Contacto
field-name = Nombre
field-quantity = Cantidad
field-identifier = Identificador
field-policy-holder = Afiliación con

status-active = Activo
status-completed = Completado
status-planned = Planeado
status-in-progress = En curso
status-on-hold = En pausa
status-cancelled = Cancelado
status-stopped = Suspendido
status-draft = Borrador
status-final = Definitivo
status-preliminary = Preliminar
status-amended = Corregido
status-registered = Registrado
status-not-done = No realizado
status-booked = Confirmada
status-unknown = Desconocido
status-inactive = Inactivo
severity-mild = Leve
severity-moderate = Moderada
severity-severe = Grave

# ---- crecimiento
growth-weight = Peso para la edad
growth-height = Talla para la edad
growth-head = Perímetro cefálico para la edad
growth-none = Sin mediciones registradas.
growth-axis-months = Edad, meses
growth-axis-years = Edad, años
growth-point = { $age }: { $value }
growth-note = Solo se dibujan las mediciones de este menor, sin curvas de referencia.
growth-age = Edad
growth-score = Puntuación z
growth-compared = Comparado con los patrones de la OMS: mediana y ±2, ±3 desviaciones
growth-corrected = Nació antes de las 37 semanas: hasta los dos años se compara con la edad corregida.
growth-unread = { $count ->
    [one] No se pudo leer una tabla de crecimiento de este sitio.
    [many] No se pudieron leer { $count } de tablas de crecimiento de este sitio.
   *[other] No se pudieron leer { $count } tablas de crecimiento de este sitio.
}
growth-proportion = Peso según la talla
growth-weight-for-height = peso para la talla
growth-bmi = IMC para la edad
growth-index = Índice de masa corporal
growth-no-birth = No se conoce el día de nacimiento, así que no se puede calcular la edad ni comparar nada. Corrija la fecha de nacimiento. Las mediciones están en los signos vitales.
growth-implausible = inverosímil: revise la medición
growth-gestation-unread = Las semanas de gestación al nacer están escritas de modo que no se pueden leer: no se corrige la edad. Escríbalas en semanas.
growth-unconverted = { $count ->
    [one] Se omite una medición: lo escrito no es un peso ni una longitud en una unidad conocida.
    [many] Se omiten { $count } de mediciones: lo escrito no es un peso ni una longitud en una unidad conocida.
   *[other] Se omiten { $count } mediciones: lo escrito no es un peso ni una longitud en una unidad conocida.
}
growth-undated = { $count ->
    [one] Una medición no tiene día: no se dibuja ni se compara.
    [many] { $count } de mediciones no tienen día: no se dibujan ni se comparan.
   *[other] { $count } mediciones no tienen día: no se dibujan ni se comparan.
}
growth-to-come = { $count ->
    [one] Una medición tiene fecha futura: no se dibuja ni se compara.
    [many] { $count } de mediciones tienen fecha futura: no se dibujan ni se comparan.
   *[other] { $count } mediciones tienen fecha futura: no se dibujan ni se comparan.
}
growth-before-birth = { $count ->
    [one] Una medición tiene fecha anterior al nacimiento: se omite. Revise su fecha y la de nacimiento.
    [many] { $count } de mediciones tienen fecha anterior al nacimiento: se omiten. Revise sus fechas y la de nacimiento.
   *[other] { $count } mediciones tienen fecha anterior al nacimiento: se omiten. Revise sus fechas y la de nacimiento.
}

# ---- lo que sale mal
error-not-found-title = No encontrado
error-not-found = No hay nada en esta dirección, o no está abierto para usted.
error-gone-title = Eliminado
error-gone = Este registro fue eliminado.
error-refused-title = Sin permiso
error-refused = Su sesión no permite esta acción.
error-form-title = Intente de nuevo
error-form = El formulario ya no era válido. Regrese, recargue la página e intente de nuevo. No se cambió nada.
error-failed-title = Algo falló aquí
error-failed = No se pudo leer el expediente. No es culpa suya. Si ocurre otra vez, avise al operador la hora y esta página.
refused-busy = En este momento hay demasiado trabajo y no se empezó nada. Intente de nuevo en un momento.
refused-too-often = Hubo demasiadas solicitudes desde aquí. Espere un momento e intente de nuevo.
error-home = A la búsqueda

# ---- quién abrió el expediente
section-openings = Quién ha mirado
opening-purpose = Para
openings-none = Nadie ha abierto este expediente.
purpose-treatment = Atención
purpose-operations = Custodia y traslado de expedientes
opening-unknown = Ya no se conoce
role-physician = Médico
role-nurse = Enfermería
role-admissions = Admisión
role-laboratory = Laboratorio
role-pharmacy = Farmacia
role-imaging = Imagenología
role-records-clerk = Archivo clínico
role-programme-officer = Responsable de programa
role-auditor = Auditoría
role-privacy-officer = Responsable de privacidad
role-operator = Operador
role-integration = Sistema conectado
role-console = Consola

# ---- el segundo factor, una contraseña nueva
factor-title = Añadir un segundo factor
factor-required = Su institución pide a todos un segundo factor. Añada el suyo ahora y podrá continuar.
factor-intro = Una aplicación de su teléfono muestra un código que cambia cada medio minuto. Para entrar hará falta la contraseña y el código.
factor-scan = Escanee la imagen con la aplicación o escriba en ella las letras de abajo.
factor-picture = Imagen para la aplicación; las letras de abajo dicen lo mismo
factor-secret = Letras para escribir
factor-code = Los seis dígitos que la aplicación muestra ahora
factor-button = Añadir
factor-wrong = No son los dígitos de ahora. Compruebe la hora del teléfono y use los siguientes.
recovery-title = Códigos de recuperación
recovery-intro = Guarde estos códigos donde solo usted los encuentre. Cada uno sirve una vez en lugar del teléfono. No se vuelven a mostrar.
recovery-go = Los he guardado; continuar
code-title = Segundo factor
code-intro = La contraseña es correcta. Ahora los seis dígitos de su aplicación, o un código de recuperación.
code-label = Código
code-refused = Este código no es válido o ya se usó.
code-other = Entrar con otra cuenta
sign-in-system = Esta cuenta es de un sistema. Funciona por la API, no en las páginas.
sign-in-forgotten = ¿Olvidó su contraseña?
new-password-title = Poner una contraseña nueva
new-password-intro = Pida un código a admisión o a un operador de su institución. Vale una hora.
new-password-code = Código
new-password-new = Contraseña nueva
new-password-help = Al menos 8 caracteres, sin su usuario, y ninguna de las que todos prueban primero.
new-password-button = Guardar la contraseña
new-password-refused = Este usuario y este código no corresponden, o el código ya no vale.
new-password-done = La contraseña nueva está guardada. Entre con ella.
password-short = La contraseña necesita al menos 8 caracteres.
password-long = La contraseña es demasiado larga.
password-login = La contraseña no debe contener el usuario.
password-common = Esta contraseña es de las más comunes. Elija otra.

# ---- la cuenta propia y las de otros
account-short = Mis sesiones
account-title = Mis sesiones
account-sessions = Dónde tiene una sesión abierta
account-browser = Navegador
account-browser-other = Otro navegador
account-began = Inicio
account-used = Último uso
account-this = Esta
account-end = Cerrar esta
account-here = Seguir aquí
account-end-all = Cerrar todas
account-end-all-help = También esta, de inmediato.
account-factor = Segundo factor
account-factor-on = Activado. Códigos de recuperación restantes: { $left }.
account-factor-off = Desactivado: solo la contraseña protege esta cuenta.
accounts-title = Cuentas
accounts-intro = Las cuentas sobre las que usted puede actuar. Cada acto queda anotado con su nombre.
accounts-none = No hay ninguna.
accounts-holder = Titular
accounts-role = Función
accounts-acts = Qué se puede hacer
accounts-open = Activa
accounts-blocked = Bloqueada
accounts-out = Fuera de fechas
accounts-factor = segundo factor
accounts-code = Código para contraseña nueva
accounts-end = Cerrar sesiones
accounts-block = Bloquear
accounts-unblock = Desbloquear
accounts-code-given = Código para { $login }, válido una vez y durante una hora. Asegúrese de que llega a la persona correcta: no se vuelve a mostrar.
accounts-done = Hecho para { $login }.

# ---- who has looked
openings-intro = Todas las personas que han mirado este expediente, la más reciente primero. De esta lista no se puede quitar nada. Si no sabe por qué alguien estuvo aquí, pregunte por la entrada.
openings-newest = Entradas más recientes
question-ask = Preguntar por esta entrada
question-label = ¿Qué quiere saber?
question-send = Enviar la pregunta
question-open = Pregunta abierta
question-answered = Respondida
question-answer = Respuesta
question-answer-send = Enviar la respuesta
questions-elsewhere = Preguntas abiertas sobre otras entradas
how-open = Abrió el expediente.
how-read = Leyó una entrada del expediente.
how-search = Encontró el expediente, o algo de él, con una búsqueda.
how-history = Leyó versiones anteriores de una entrada.
how-summary = Leyó el expediente completo o un resumen.
how-export = Sacó una copia del expediente fuera del sistema.
how-match = Comparó el expediente con una descripción para saber quién es alguien.
how-notify = Recibió aviso de que algo cambió en el expediente.
how-write = Escribió en el expediente y vio lo que había.
how-chart = Miró el expediente en pantalla.
how-audit = Leyó esta lista de quienes han mirado.
how-erased = Borró el expediente.

# ---- un programa pregunta
consent-going-on = Continuando
consent-go = Continuar
consent-title = { $program } pide acceso
consent-intro = Si acepta, su navegador vuelve a { $place } y el programa trabaja con sus permisos y con ninguno más. Quite lo que no necesite.
consent-about = Expediente de
consent-wishes = Lo que pide el programa
consent-wish = { $what }: { $deeds }
consent-everything = Todo
consent-see = ver
consent-find = buscar
consent-add = añadir
consent-change = cambiar
consent-put = cambiar o incorporar
consent-delete = eliminar
consent-of-person = en el expediente de esta persona
consent-of-all = en todos los expedientes que usted puede abrir
consent-only = solo
consent-openid = Saber que es usted
consent-user = Saber su nombre
consent-patient = Saber qué expediente está abierto
consent-encounter = Saber qué visita está abierta
consent-offline = Conservar el acceso mientras usted no está, hasta que pasen 90 días sin uso
consent-online = Conservar el acceso durante esta jornada, doce horas como máximo
consent-trace = Todo lo que lea el programa queda anotado con su nombre y se muestra a la persona de quien trata.
consent-allow = Permitir
consent-deny = Rechazar
consent-again = Otra persona
consent-choose-title = ¿De quién es el expediente?
consent-choose = { $program } trabaja con el expediente de una persona. Elija de quién.
error-over-title = Esta pregunta ya terminó
error-over = Ya se respondió o esperó demasiado. Empiece de nuevo desde el programa.
error-program-title = Este programa no se puede conectar
error-program = No se envió a nadie a ninguna parte ni se entregó nada. Avise a quien administra el programa.
error-program-reason = Para esa persona:
launch-title = Abrir un programa

# ---- programs
programs-title = Programas
programs-intro = Los programas que pueden pedir acceso. Pregunte quién administra uno antes de aprobarlo; al quitarlo terminan de inmediato todos sus permisos.
programs-name = Programa
programs-wishes = Lo que puede pedir
programs-approved = Aprobado
programs-waits = Espera aprobación
programs-approve = Aprobar
programs-remove = Quitar
programs-done = Hecho.
programs-public = sin secreto
programs-secret = con secreto
programs-keys = con clave

# ---- breaking the glass
purpose-payment = Pago de la atención
purpose-public-health = Salud pública
purpose-emergency = Emergencia, con acceso forzado
glass-title = Acceso de emergencia
glass-intro = Lo que está sellado de esta persona se abre solo para usted y por un tiempo limitado. La persona lo verá, con su nombre y su motivo, y el responsable de privacidad preguntará si fue correcto.
glass-reason = Motivo
glass-danger = La persona está en peligro
glass-cannot-speak = La persona no puede hablar por sí misma
glass-asked = La persona lo pide
glass-standing-in = Suplo a quien la atiende
glass-other = Otro motivo
glass-words = Con sus palabras
glass-break = Abrir lo sellado
glass-leave = No abrirlo
glass-summary = Para una emergencia
glass-until = Lo sellado está abierto para usted hasta las { $time }.
glass-chart = Todo el expediente
glass-mend = Cerrarlo ya
glass-allergies = Alergias
glass-blood = Grupo sanguíneo
glass-contacts = A quién llamar
glass-told = Abierto aunque estaba sellado
glass-was-justified = Hubo buen motivo
glass-was-not = No hubo buen motivo
glass-unanswered = Aún sin respuesta
glasses-title = Accesos de emergencia
glasses-intro = Cada vez que alguien de su institución abrió lo que estaba sellado. Cada una pide una respuesta, y la persona la lee.
glasses-none = Nada espera respuesta.
glasses-words = Su respuesta
glasses-yes = Hubo buen motivo
glasses-no = No hubo buen motivo
glass-say-why = Elija un motivo y diga por qué en pocas palabras.

# ---- las personas: sus cuentas, su expediente, quién actúa por ellas
role-person = Persona
purpose-own = Leer su propio expediente
purpose-entrusted = Actuar por la persona
sign-in-activate = ¿Tiene un código de una unidad de salud? Cree su cuenta
sign-in-send = ¿Olvidó su contraseña? Reciba un código
activate-title = Cree su cuenta
activate-intro = Con el código de la unidad de salud elige cómo entrará. Después lee su propio expediente.
activate-code = Código de la hoja o del mensaje
activate-login = El usuario que elige
login-letters = De 1 a 64 letras a–z, cifras, punto, guion, guion bajo o @. Mayúsculas y minúsculas son iguales.
activate-password = La contraseña que elige
activate-button = Crear la cuenta
activate-trace = Cada vez que usted u otra persona abre su expediente queda anotado, y usted puede leerlo.
activate-refused = Este código no existe o ya no vale: sirve una vez, durante catorce días, y no después de seis intentos fallidos. La unidad de salud le da otro.
activate-taken = Otra persona tiene este usuario. Elija otro; su código sigue valiendo.
forgotten-title = Recibir un código
forgotten-intro = El código va a la dirección que confirmó en la página Mis accesos. Si no confirmó ninguna, la unidad de salud le da un código.
forgotten-sent = Si este usuario tiene una dirección confirmada, el código va en camino. Vale una hora y una sola vez.
forgotten-button = Enviar un código
password-same = Esta es la contraseña actual. Elija otra.
letter-subject = Su código
letter-invite = Código: { $code }. Con él crea su cuenta en { $site }/sign-in/activate. Vale una vez, hasta { $until }. Si no lo pidió, no haga nada.
letter-renew = Código para una contraseña nueva: { $code }. Úselo en { $site }/sign-in/new-password en una hora. Si no lo pidió, no haga nada.
letter-confirm = Código para confirmar esta dirección: { $code }. Escríbalo en la página { $site }/account en media hora.
trust-title = Acceso desde casa
invite-title = La cuenta de la persona
invite-intro = Esta persona aún no tiene cuenta. Compruebe quién está ante usted y dé un código.
invite-evidence = ¿Qué vio para saber quién es?
invite-evidence-help = Por ejemplo: pasaporte con fotografía. Se guarda con su nombre. Sin números.
invite-language = Idioma de sus páginas
invite-address = Enviarlo a (puede quedar vacío)
invite-address-help = Un correo electrónico, o un teléfono con + y el país. Si queda vacío, imprime la hoja.
invite-button = Dar un código
invite-address-wrong = No es un correo electrónico ni un teléfono con + y el país.
invite-evidence-wrong = Diga en 1 a 200 letras qué vio.
invite-there = Esta persona ya tiene cuenta.
trust-acting = Quién actúa por esta persona
trust-none = Nadie actúa por esta persona.
trust-who = Quién
trust-span = Desde – hasta
trust-seen = Qué se vio, y quién lo vio
trust-end = Terminar
trust-ended = Ha terminado, en este momento.
trust-given = El expediente queda confiado. La persona lo ve aquí.
trust-how = Una unidad de salud confía un expediente a alguien, con la persona presente o con un documento que lo diga. Usted puede terminarlo aquí en cualquier momento.
trust-fields = Elija qué es la persona, y escriba el último día como 2026-01-31 o déjelo vacío.
trust-login = Nadie entra con ese usuario como persona. Quien vaya a actuar crea antes su cuenta, con un código de la página de su propio expediente.
trust-self = Es el usuario de la persona de este expediente.
trust-evidence = Diga en 1 a 200 letras qué vio.
trust-document-wrong = No hay tal documento en este expediente.
trust-over = Ya habría terminado: la persona alcanzó la edad en que termina, el último día pasó, o no se conoce la fecha de nacimiento. Si la persona está de acuerdo, la madre o el padre puede seguir hasta la mayoría de edad; después solo puede nombrarse a un cuidador.
trust-twice = Esta persona ya está confiada a ese usuario. Termine eso primero.
trust-many = No se pueden confiar tantas personas a un usuario, ni tantos actuar por una persona.
proxy-parent = Madre o padre
proxy-guardian = Tutor
proxy-carer = Cuidador, nombrado por la persona o un documento
proxy-agreed = la persona estuvo de acuerdo
proxy-no-end = hasta que alguien lo termine
proxy-ended = Terminado { $date } por { $by }
proxy-holds = Actúa ahora
proxy-over = Terminado
entrust-title = Confiar este expediente a alguien
entrust-intro = Madre, padre o tutor de un menor, o un cuidador. La lectura de los padres termina sola en el cumpleaños desde el que el país guarda la confianza del joven.
entrust-login = Usuario de quien va a actuar
entrust-kind = En calidad de
entrust-evidence = ¿Qué vio? (acta de nacimiento, tutela, poder)
entrust-document = Copia en el expediente (puede quedar vacío)
entrust-document-none = Ninguna
entrust-until = Último día (puede quedar vacío)
entrust-until-help = Termina a la medianoche de ese día, o antes, por la edad.
entrust-agreed = La persona está aquí y está de acuerdo
entrust-button = Confiar
slip-title = Su código para leer su expediente
slip-open = Abra esta dirección:
slip-code = Escriba este código:
slip-choose = Elija un usuario y una contraseña que solo usted conozca.
slip-until = Válido hasta
slip-rules = El código sirve una vez. Después de seis intentos fallidos ya no vale. Nadie necesita su contraseña: ni médicos ni funcionarios.
slip-print = Imprima esta página y entréguela.
slip-sent = El código se envió a
slip-done = Listo; no mostrar más
mine-title = Mi expediente
mine-others = Otros expedientes que puede leer
mine-own = El suyo
mine-entrusted = Confiado a usted
mine-acting = Este no es su expediente: actúa por esta persona. Ella ve en el registro que usted estuvo aquí.
mine-next = Lo que sigue
mine-medicines = Lo que tomo
mine-allergies = Lo que no me deben dar
mine-results = Mis resultados
mine-results-note = Un valor fuera del rango no siempre es enfermedad, ni uno dentro siempre salud. Pregunte a quien le atiende.
mine-before = antes: { $value } el { $date }
mine-vaccinations-none = No hay vacunas registradas.
mine-problems = De qué me atienden
mine-visits = Mis consultas
mine-documents = Cartas, informes y notas
mine-documents-none = No hay documentos registrados.
account-password = Contraseña
account-current = La contraseña actual
account-password-help = En los demás lugares se cierra su sesión.
account-password-done = La contraseña nueva está puesta. En los demás lugares se cerró su sesión.
account-current-wrong = La contraseña actual o el código no es correcto. No se cambió nada.
account-factor-gone = El segundo factor está desactivado. Añada uno para su teléfono nuevo.
account-factor-code = Las seis cifras de ahora, o un código de recuperación
account-factor-remove = Quitarlo
account-factor-remove-help = Para añadir otro teléfono. En los demás lugares se cierra su sesión.
contact-title = Adónde se envían los códigos
contact-known = Si olvida su contraseña, el código va a
contact-none = A ninguna parte aún: si olvida su contraseña, solo la unidad de salud puede ayudar.
contact-address = Correo electrónico, o teléfono con + y el país
contact-ask = Enviar un código ahí
contact-code = El código que llegó
contact-confirm = Confirmar
contact-drop = No enviar códigos
contact-asked = Se envió un código. Escríbalo abajo en media hora.
contact-too-soon = Se acaba de enviar un código. Espere dos minutos.
contact-not-sent = No se pudo enviar el código. Inténtelo más tarde.
contact-confirmed = Confirmado: ahí se pueden enviar códigos.
contact-wrong = No es el código, o ya no vale.
contact-dropped = Ya no se envían códigos.

# ---- accesos inusuales
error-budget-title = Muchas personas en poco tiempo
error-budget = Esto abriría más personas distintas en una hora de las que permite su cuenta. No se abrió nada. Vuelva más tarde; si el trabajo lo exige, el responsable de privacidad de su institución le da más margen hoy. En una emergencia use «Acceso de emergencia»: nunca se rechaza.
unusual-title = Accesos inusuales
unusual-intro = Accesos que piden una explicación, y quien abrió o buscó inusualmente muchas personas distintas en una hora. Cada caso se juzga una vez, y el veredicto queda con su nombre.
unusual-none = Nada inusual.
unusual-of-role = Todas las personas de este rol en la institución juntas.
unusual-of-institution = Todas las personas de la institución juntas.
unusual-refused = Rechazado
unusual-told = Anotado
unusual-verdict = Veredicto
unusual-verdict-wrong = Un veredicto tiene de 1 a 500 caracteres.
unusual-judge = Guardar el veredicto
unusual-judged = El veredicto quedó guardado.
unusual-raise = Dar más margen hoy
unusual-raised = { $login } puede abrir más personas hasta el fin de hoy.
unusual-opened = { $count ->
    [one] { $count } persona distinta abierta en una hora.
    [many] { $count } personas distintas abiertas en una hora.
   *[other] { $count } personas distintas abiertas en una hora.
}
unusual-listed = { $count ->
    [one] { $count } persona distinta encontrada por búsquedas en una hora.
    [many] { $count } personas distintas encontradas por búsquedas en una hora.
   *[other] { $count } personas distintas encontradas por búsquedas en una hora.
}

# ---- vacunas
vaccinations-due = Tocan ahora
vaccinations-later = Más adelante
vaccinations-given = Aplicadas
vaccinations-settled = Completas, cerradas o que no deben aplicarse
vaccinations-none-due = Hoy no toca ninguna.
vaccinations-none-given = No hay vacunas registradas.
vaccinations-unread = No se pudieron leer
vaccinations-unread-why = No se puede leer la vacuna o la fecha de estos registros, así que no se cuentan. Corríjalos antes de vacunar.
vaccinations-calendar = Esquema: { $country }
vaccinations-source = De dónde viene este esquema
vaccinations-proposal = Las edades mínimas y máximas, los intervalos, la recuperación de esquemas y las contraindicaciones son propuestas hasta que personal clínico las confirme. La decisión es suya.
vaccinations-no-birth = No se conoce el día de nacimiento, así que no se puede calcular la edad. Corrija la fecha de nacimiento para ver qué toca.
vaccinations-no-country = Ni un identificador ni el domicilio dicen qué esquema aplica. Agregue uno de ellos para ver qué toca.
vaccination-vaccine = Vacuna
vaccination-days = Día
vaccination-why = Por qué
vaccination-counts = Cuenta para
vaccination-dose = { $series }, dosis { $number }
vaccination-proposed = Propuesta
vaccination-beside = No es parte de este esquema.
vaccination-inexact = No se conoce el día: se toma el último posible.
vaccination-not-judged = Sin evaluar.
vaccine-code = Vacuna con código CVX { $code }
vaccine-overdue = Atrasada
vaccine-due = Toca
vaccine-not-yet = Todavía no
vaccine-contraindicated = No aplicar
vaccine-complete = Completa
vaccine-closed = Cerrada
vaccine-day-recommended = recomendada
vaccine-day-earliest = no antes del
vaccine-day-latest = no después del
span-birth = nacimiento
span-years = { $count ->
    [one] { $count } año
    [many] { $count } años
   *[other] { $count } años
}
span-months = { $count ->
    [one] { $count } mes
    [many] { $count } meses
   *[other] { $count } meses
}
span-days = { $count ->
    [one] { $count } día
    [many] { $count } días
   *[other] { $count } días
}
span-hours = { $count ->
    [one] { $count } hora
    [many] { $count } horas
   *[other] { $count } horas
}
reason-age-reached = Ya tiene la edad recomendada: { $age }.
reason-age-not-reached = Aún no tiene la edad recomendada: { $age }.
reason-gap-over = Ya pasó el intervalo de { $gap } desde la dosis del { $day }.
reason-gap-not-over = Debe pasar un intervalo de { $gap } desde la dosis del { $day }.
reason-live-not-over = El { $day } se aplicó una vacuna viva ({ $vaccine }): el mismo día o con { $gap } de diferencia.
reason-week-not-reached = A partir de la semana { $week } del embarazo.
reason-pregnancy = Se aplica en el embarazo.
reason-pregnancy-week = Se aplica en el embarazo, a partir de la semana { $week }.
reason-too-old = Demasiado tarde: no se aplica después de esta edad: { $age }.
reason-earlier-missing = { $count ->
    [one] Falta una dosis anterior que ya no se puede aplicar.
    [many] Antes deben ir { $count } dosis que ya no se pueden aplicar.
   *[other] Antes deben ir { $count } dosis que ya no se pueden aplicar.
}
reason-all-given = { $count ->
    [one] Se aplicó la dosis.
    [many] Se aplicaron las { $count } dosis.
   *[other] Se aplicaron las { $count } dosis.
}
reason-one-is-enough = Basta una dosis a partir de esta edad: { $age }.
reason-forbidden = Contraindicada: { $what }.
reason-postponed = Se pospone: { $what }.
reason-instead = Otra vacuna por: { $what }.
reason-instead-from = Otra vacuna a partir de esta edad: { $age }.
reason-risk = Esquema para personas en riesgo: { $what }.
reason-late-start = Esquema para inicio tardío, a partir de esta edad: { $age }.
reason-after-vaccine = Esquema para quien recibió esta vacuna: { $vaccine }.
reason-refused = Rechazada el { $day }.
reason-too-young = edad insuficiente; habría contado desde el { $day }.
reason-too-soon = demasiado pronto tras la dosis anterior; habría contado desde el { $day }.
reason-too-soon-after-live = demasiado pronto tras otra vacuna viva; habría contado desde el { $day }.
reason-same-day = segunda dosis del mismo día.
reason-in-part = protege solo de una parte de esto.
reason-pregnancy-ended = El embarazo que consta en el expediente terminó el { $day }: ya no impide nada.
reason-pregnancy-over = El embarazo que consta en el expediente desde el { $day } se da por terminado tras 45 semanas: ya no impide nada. Anote su fin en el expediente.
reason-maybe-same = solo se conoce el mes o el año, y puede ser la dosis del { $day }. Contará cuando se escriba su día.
reason-wrong-vaccine = esta dosis requiere otra vacuna.
reason-before-birth = fecha anterior al nacimiento.
reason-in-future = fecha en el futuro.
reason-subpotent = más débil de lo debido: no cuenta.
reason-died = La persona falleció.
reason-extra = no hacía falta otra dosis.
reason-not-in-plan = El esquema no tiene esta dosis para esta persona.
series-tuberculosis = Tuberculosis
series-hepatitis-b = Hepatitis B
series-hepatitis-a = Hepatitis A
series-dtp = Difteria, tétanos, tos ferina
series-polio = Poliomielitis
series-polio-oral = Poliomielitis, oral
series-polio-inactivated = Poliomielitis, inyectable
series-hib = Haemophilus influenzae b
series-rotavirus = Rotavirus
series-pneumococcal = Neumococo
series-influenza = Influenza
series-covid = COVID-19
series-mmr = Sarampión, rubéola, parotiditis
series-measles = Sarampión
series-rubella = Rubéola
series-varicella = Varicela
series-hpv = Virus del papiloma humano
series-japanese-encephalitis = Encefalitis japonesa
series-pertussis-pregnancy = Tos ferina, en el embarazo
series-tetanus-pregnancy = Tétanos, en el embarazo
contraindication-immunodeficiency = inmunodeficiencia
contraindication-hiv = infección por VIH
contraindication-severe-combined-immunodeficiency = inmunodeficiencia combinada grave
contraindication-intussusception = invaginación intestinal
contraindication-pregnancy = embarazo
contraindication-low-birth-weight = peso corporal menor de 2000 g, o bajo peso al nacer mientras no conste un peso
contraindication-seizures = crisis sin fiebre o enfermedad neurológica progresiva
risk-chronic = enfermedad crónica
risk-hiv = VIH
risk-day-care = guardería
risk-no-pertussis = sin vacuna contra la tos ferina
risk-hepatitis-b-contact = hepatitis B en la madre o en casa

# ---- quién está atrasado
overdue-title = Vacunas atrasadas
overdue-facility = Nombre de la unidad
overdue-choose = Mostrar unidades
overdue-facilities = { $count ->
    [one] { $count } unidad
    [many] { $count } unidades
   *[other] { $count } unidades
}
overdue-no-facility = Ninguna unidad tiene ese nombre. Escriba el comienzo de una de sus palabras.
overdue-looked-at = { $count ->
    [one] { $count } menor de 18 años revisado
    [many] { $count } menores de 18 años revisados
   *[other] { $count } menores de 18 años revisados
}
overdue-none = Ninguna de las personas revisadas tiene vacunas atrasadas.
overdue-unjudged = No se pudo valorar
overdue-since = { $series }, desde el { $day }
overdue-next = Revisar a las siguientes personas
overdue-undated = { $count ->
    [one] { $count } persona sin fecha de nacimiento revisada
    [many] { $count } personas sin fecha de nacimiento revisadas
   *[other] { $count } personas sin fecha de nacimiento revisadas
}
overdue-next-undated = Ver las siguientes personas sin fecha de nacimiento
overdue-areas = Por estado o provincia, de las personas de esta página
overdue-area-all = Todas
overdue-area-none = No se sabe
overdue-traced = Cada persona revisada lo verá en la bitácora de su expediente.

# ---- cartilla infantil
section-card = Cartilla infantil
card-complete = Qué tan completa está la cartilla
card-score = { $percent } %: hay { $said } de { $asked }
card-no-gaps = No falta nada de lo que la cartilla debe decir.
card-gap-birth-weight = No está registrado el peso al nacer.
card-gap-gestation = No están registradas las semanas de gestación.
card-gap-gestation-unread = Las semanas de gestación están escritas de modo que no se pueden leer: escríbalas en semanas.
card-gap-allergies = No se ha preguntado por alergias.
card-gap-guardian = No está registrado un padre, madre o tutor.
card-gap-national-number = No está registrado un identificador nacional.
card-gap-facility = No está registrada la unidad.
card-gap-examination = Sin revisión a la edad de { $age }.
card-gap-vaccination = Vacunas atrasadas: { $series }.
examinations-title = Revisiones preventivas
examinations-note = Cuenta como revisión un día en que se midió el peso o la talla.
card-undated = No se conoce el día de estas mediciones, así que no cuentan como revisión: { $dates }. Anote el día para que cuenten.
examination-parts = Quién revisa y qué se mide
examination-done = Hecha
examination-missed = No se hizo
examination-late = Atrasada
examination-due = Toca
examination-not-yet = Todavía no
examination-part-paediatrician = pediatría
examination-part-neurologist = neurología
examination-part-paediatric-surgeon = cirugía pediátrica
examination-part-ophthalmologist = oftalmología
examination-part-dentist = odontología
examination-part-abdomen-ultrasound = ultrasonido de abdomen
examination-part-kidneys-ultrasound = ultrasonido de riñones
examination-part-hips-ultrasound = ultrasonido de caderas
examination-part-heart-ultrasound = ultrasonido de corazón
examination-part-brain-ultrasound = ultrasonido de cerebro
examination-part-newborn-screening = tamiz neonatal
examination-part-hearing-screening = tamiz auditivo
examination-part-growth = crecimiento
examination-part-development = desarrollo

# Una persona con dos registros
same-title = ¿Registrada dos veces?
same-merged = Unidos a este expediente
same-merged-intro = Lo escrito en estos registros se muestra aquí. Cada uno conserva su propio expediente, por eso la unión puede deshacerse.
same-undo = Deshacer
same-undo-button = Son dos personas
same-reason = Por qué, en una línea y sin nombres
same-say-why = Diga por qué en una línea de hasta 500 letras.
same-refused = Ahora no es posible: uno de los dos ya estaba unido o alguien acaba de cambiarlos. Mire de nuevo.
same-likely = Puede ser la misma persona
same-nobody = Nadie.
same-find = Buscar a otra persona
same-find-label = Nombre, fecha de nacimiento o número
same-certain = segura
same-probable = probable
same-possible = posible
same-name = Nombre
same-other-names = Otros nombres
same-address = Domicilio
same-telecom = Teléfono, correo
same-contact = Contactos
same-entries = Entradas
compare-title = Los dos lado a lado
compare-agrees = ¿Igual?
compare-same = igual
compare-differs = distinto
compare-merge = ¿Es una sola persona?
compare-intro = Entonces queda un registro que lleva a los dos expedientes. Nada se reescribe y la unión puede deshacerse.
compare-stays = Cuál queda
compare-button = Es una sola persona
compare-leave = Dejarlo así
later-title = Lo escrito mientras eran uno
later-intro = Los dos vuelven a ser independientes. Lo escrito mientras eran uno está donde se escribió: marque lo que pertenece al otro.
later-of = En el expediente de { $name }
later-nothing = Aquí no se escribió nada.
later-changed = Cambiado mientras eran uno: revíselo
later-deleted = Borrado mientras eran uno
later-choose = Pertenece a { $name }
later-button = Mover lo marcado
later-moved = { $count ->
    [one] Se movió una entrada.
    [many] Se movieron { $count } entradas.
   *[other] Se movieron { $count } entradas.
}
later-along = { $entry } va con lo que marcó: márquelo también.
compare-two = Son dos personas
compare-two-button = Mantenerlas separadas
duplicates-title = ¿Registradas dos veces?
duplicates-intro = Cada registro nuevo se compara con todos los demás. Mire los dos y decida.
duplicates-none = Nadie espera una decisión.
duplicates-waiting = { $count ->
    [one] Espera una pareja.
    [many] Esperan { $count } parejas.
   *[other] Esperan { $count } parejas.
}
task-birth-notification = Aviso de nacimiento al registro
task-birth-annulment = Certificado de nacimiento anulado: el registro retira su asiento
task-birth-correction = Certificado de nacimiento corregido: el registro toma nota
task-newborn-amended = El certificado de nacimiento se corrigió y este expediente dice desde entonces otra cosa: { $elements }. Revise el expediente
task-newborn-annulled = El certificado de nacimiento de este expediente se anuló: revise el expediente
number-doubt-check = { $number }: el dígito verificador no coincide
number-doubt-placeholder = { $number }: no es de nadie: solo ceros, una cifra repetida o la clave genérica de extranjeros
number-doubt = { $number }: no es un número posible
number-doubt-birth-to-come = { $number }: indica un nacimiento futuro
life-doubt-birth-to-come = la fecha de nacimiento está en el futuro
life-doubt-birth-long-ago = la fecha de nacimiento es demasiado lejana
life-doubt-no-date = esa fecha de nacimiento no existe
life-doubt-death-to-come = la fecha de defunción está en el futuro
life-doubt-death-before-birth = la defunción es anterior al nacimiento
life-doubt-death-told = un documento dice que la persona falleció: { $day }
banner-merged = { $count ->
    [one] { $count } registro unido
    [many] { $count } registros unidos
   *[other] { $count } registros unidos
}

# La cartilla de vacunación que se lleva consigo
certificate-title = Cartilla de vacunación con código
certificate-intro = Quien escanee un código verá el nombre, la fecha de nacimiento y las vacunas de abajo, y que esta institución las firmó. Comprobarlo no necesita conexión con este servidor ni le informa de nada.
certificate-trial = Este servidor no tiene dirección https: las aplicaciones que comprueban cartillas no aceptarán estas. Son para probar.
certificate-nothing = Ninguna vacuna de este expediente tiene código y fecha.
certificate-no-person = No hay cartilla: en el expediente falta el nombre o la fecha de nacimiento, y una cartilla debe decir ambos. Agregue lo que falta.
certificate-file = Lo mismo como archivo para una aplicación
certificate-left-out = { $count ->
    [one] Una entrada no está en ninguna cartilla: no se aplicó o no cuenta, tiene fecha futura, o le falta código o fecha.
    [many] { $count } entradas no están en ninguna cartilla: no se aplicaron o no cuentan, tienen fecha futura, o les falta código o fecha.
   *[other] { $count } entradas no están en ninguna cartilla: no se aplicaron o no cuentan, tienen fecha futura, o les falta código o fecha.
}
certificate-second = { $count ->
    [one] Una entrada no está en ninguna cartilla: puede ser la segunda anotación de una dosis que ya consta, conocida solo por su mes o año o anotada dos veces. Escriba su día, o márquela como error.
    [many] { $count } de entradas no están en ninguna cartilla: pueden ser segundas anotaciones de dosis que ya constan, conocidas solo por su mes o año o anotadas dos veces. Escriba sus días, o márquelas como error.
   *[other] { $count } entradas no están en ninguna cartilla: pueden ser segundas anotaciones de dosis que ya constan, conocidas solo por su mes o año o anotadas dos veces. Escriba sus días, o márquelas como error.
}
certificate-picture = Código de la cartilla de vacunación
certificate-issuer = Firmado por

passkey-title = Llaves de acceso
passkey-intro = Con una llave de acceso usted entra con el bloqueo de su dispositivo: un dedo, su rostro o el PIN. Solo abre este sitio y nadie puede hacer que la escriba en otro.
passkey-yours = Las suyas
passkey-none = Todavía no tiene ninguna.
passkey-name = Nombre
passkey-name-help = Para reconocerla, como «teléfono» o «llave de la sala».
passkey-name-wrong = Dé a la llave un nombre de 60 letras como máximo.
passkey-made = Añadida
passkey-used = Último uso
passkey-never = todavía no
passkey-synced = Puede estar en varios de sus dispositivos
passkey-single = Solo en un dispositivo
passkey-add = Añadir una llave de acceso
passkey-elsewhere = Las llaves de acceso se crean en { $address }, con un navegador que las conozca.
passkey-done = La llave de acceso está lista. Desde ahora puede entrar solo con ella.
passkey-gone = La llave de acceso se quitó. En los demás lugares se cerró su sesión.
passkey-password-wrong = La contraseña actual no es correcta. No se cambió nada.
passkey-unproved = La respuesta de su dispositivo no sirvió o llegó tarde. Intente una vez más.
passkey-many = Tiene diez llaves de acceso. Quite una primero.
passkey-there = Esta llave de acceso ya está.
passkey-failed = Su dispositivo no respondió. Intente una vez más o entre con su contraseña.
passkey-remove = Quitar una llave de acceso
passkey-remove-help = En los demás lugares se cierra su sesión.
passkey-which = Cuál
sign-in-passkey = Entrar con una llave de acceso
sign-in-passkey-refused = Esta llave de acceso no abre ninguna cuenta aquí. Intente una vez más o entre con su contraseña.

asked-title = Preguntas
asked-intro = Lo que las personas preguntan sobre quién abrió su expediente en su institución. Su respuesta queda en el expediente y la leen en «Quién ha mirado».
asked-none = Nadie espera respuesta.
asked-about = La entrada
asked-say = Una respuesta tiene de 1 a 2000 caracteres.
duty-title = Espera su respuesta
duty-none = nada
duty-waiting = { $count ->
    [one] { $count } en espera
    [many] { $count } en espera
   *[other] { $count } en espera
}
duty-since = desde { $time }
sign-title = Accesos por los que preguntar
sign-own = Hasta donde se puede saber, es su propio expediente.
sign-address = La persona vive en la misma dirección.
sign-contact = La persona tiene el mismo teléfono o correo electrónico.
sign-related = El expediente nombra a quien lo abrió como familiar o contacto de la persona.
sign-namesake = La persona tiene el mismo nombre completo y no está a cargo de la institución.
sign-colleague = La persona también trabaja aquí y no está a cargo de la institución.
sign-well-known = La persona es conocida públicamente y no está a cargo de la institución.
sign-night = Era de noche y la persona no estaba a cargo de la institución. Se avisa una vez por noche.
unusual-many = Muchas personas en una hora

sign-in-provider = Entrar con { $name }
provider-title = Falta un código
provider-intro = { $name } nos dijo quién es usted, pero no cuál expediente es el suyo. Escriba el código que le dio una unidad de salud; desde entonces bastará { $name }.
provider-button = Enlazar y seguir
provider-taken = Esta cuenta del proveedor ya está enlazada.
provider-unlike = El código es de otra persona que la que nombra el proveedor. Pregunte en la unidad de salud.
provider-refused = Su cuenta aquí está cerrada. Pregunte en una unidad de salud.
provider-late = Tardó demasiado o empezó en otro navegador. Intente una vez más.
provider-denied = El proveedor no le dejó entrar. Intente una vez más o entre con su contraseña.
provider-unproved = La respuesta del proveedor no prueba nada. Intente una vez más o entre con su contraseña.
provider-unreachable = No se puede contactar al proveedor. Intente más tarde o entre con su contraseña.

allowed-title = Programas que permití
allowed-intro = Lo que los programas pueden hacer en su nombre porque usted aceptó. Lo que retire termina de inmediato.
allowed-none = No ha permitido a ningún programa nada que siga vigente.
allowed-span = Desde { $began }, a más tardar hasta { $until }.
allowed-gone = Un programa que fue retirado
allowed-withdraw = Retirar
allowed-withdraw-help = El programa tendrá que preguntarle de nuevo.
allowed-withdrawn = Retirado. El programa no recibe nada más.

# ---- formularios
sign-document = Firmar
sign-go = Firmar…
sign-as = Usted firma como
sign-by-institution = La institución también lo firma.
sign-password = Su contraseña
sign-code = Un código de su segundo factor
sign-why = Su clave se abre para esta sola firma y se vuelve a cerrar.
sign-do = Firmar
sign-not-yet = Todavía no
sign-how = Lo firmado ya no se altera. Una corrección es otra versión, con motivo y firmada de nuevo; ésta sigue siendo legible.
sign-annul = Anular
sign-annul-do = Firmar la anulación
sign-annul-how = El documento sigue legible y dice que está anulado y por qué. Lo que se derivó de él en el expediente se marca como error.
sign-annulled = El documento quedó anulado.
sign-out-of-force = Anulado
sign-done = Firmado.
sign-signed = Firmado
sign-wrong = No es correcto. No se firmó nada.
sign-later = { $count ->
    [one] Demasiados intentos. Intente de nuevo en { $count } minuto.
    [many] Demasiados intentos. Intente de nuevo en { $count } minutos.
   *[other] Demasiados intentos. Intente de nuevo en { $count } minutos.
}
sign-changed = El documento cambió entretanto. Revíselo de nuevo antes de firmar.
sign-refused = Las reglas del expediente no permiten esta firma: sólo firma quien completó el formulario.
sign-no-licence = Este formulario lo firma alguien con cédula profesional y su cuenta no indica ninguna. Quien administra las cuentas puede añadirla.
sign-licence = cédula { $number }
sign-list = Firmas
sign-institution = Institución
sign-elsewhere = Firmado en otra institución
sign-version = Versión
sign-see = Ver esta versión
sign-evidence = Evidencia para verificarlo en otro lugar
sign-old = Ésta es una versión anterior, tal como se firmó.
sign-newest = La versión más reciente
sign-good = La firma es válida
sign-good-revoked-later = Válida; el certificado se revocó después, { $time }
sign-doubt-no-signature = No es una firma que se pueda leer
sign-doubt-altered = El documento se alteró después de firmarse
sign-doubt-another-document = La firma es de otro documento
sign-doubt-another-key = Firmado con una clave que no es la de su certificado
sign-doubt-unknown-authority = El certificado viene de una autoridad en la que no se confía aquí
sign-doubt-expired = El certificado había vencido al usarse
sign-doubt-not-yet = El certificado aún no estaba vigente
sign-doubt-revoked = El certificado se había revocado antes de usarse
sign-doubt-list = La lista de certificados revocados no es la de la autoridad
sign-doubt-algorithm = Nadie aquí conoce el algoritmo de la firma
sign-doubt-another-name = La firma nombra a otra persona que su certificado
signing-key-title = Su clave de firma
signing-key-help = Si otra persona pudo haber firmado en su nombre, haga revocar el certificado. Lo que firmó antes sigue siendo válido; en su próxima firma se crea otra clave.
signing-key-revoke = Revocarlo
signing-key-revoked = El certificado se revocó.
signing-key-none = No hay clave que revocar.
papers-title = Papeles y copias
papers-none = No se ha hecho ningún papel de este documento.
paper-number = Núm.
paper-made = Hecho
paper-asked = Solicitado por
paper-given = Entregado por
paper-code = Código
paper-make = Hacer una copia certificada
paper-who-asks = Quién la solicita
paper-make-how = La copia recibe un número y un código. En esta lista queda que se hizo, para quién y por quién.
paper-certificate = Certificado
paper-copy = Copia certificada
paper-short = Copia para el empleador o la escuela, sin diagnóstico
paper-refused = No se puede hacer este papel: el documento debe estar firmado y quien lo solicita se indica en 200 caracteres como máximo.
paper-annulled = Este documento fue anulado: de él no se hace ningún papel ni se recibe ninguno.
paper-picture = Código para consultar este papel
paper-person = Persona
paper-signed = Firmado
paper-electronic = El original es un documento electrónico. Este papel se verifica con el código.
paper-look-up = Consúltelo con el código
paper-back = Volver al documento
paper-pdf = PDF para guardar o imprimir
paper-page = Página { $page } de { $pages }
paper-failed = No se pudo preparar el PDF. El documento está en el expediente y se lee en su página.
form-missing = El formulario de este documento no está en este sistema. Sus respuestas se muestran con los nombres cortos que llevan; aquí no se corrige, firma ni copia nada con ellas.
form-missing-draft = El formulario de este borrador no está en este sistema. Sus respuestas se muestran con los nombres cortos que llevan; se puede descartar y empezar de nuevo con un formulario que sí esté.
paper-unsigned = Sin firmar
paper-version = Versión { $version } de este documento, impresa con la plantilla { $template }.
paper-register-changed = El registro de personas cambió desde que esto se firmó.
paper-added = { $count ->
    [one] Al documento le sigue una adenda.
    [many] Al documento le siguen { $count } adendas.
   *[other] Al documento le siguen { $count } adendas.
}
paper-added-none = Cuando se hizo esta copia no se había añadido nada al documento.
paper-added-without = Esta copia es solo del documento, sin lo que se le haya añadido.
paper-digest = Huella de aquello de lo que se hizo (SHA-256)
form-registered-today = Cuando esto se firmó, la persona estaba registrada como arriba. Hoy:
paper-once = Se puede usar una vez
paper-use = Se usa ahora
paper-use-how = Presione cuando la persona llegue con el papel. A partir de entonces nadie puede volver a usarlo.
paper-used-now = Recibido. No se puede volver a usar.
paper-used-before = Este papel ya se había usado.
paper-expired-use = El plazo de este papel terminó. Quien lo firmó puede expedir otro.
paper-once-elsewhere = Se firmó en otra institución. Aquí no se sabe si se usó allí o en otro lugar: pregunte a quien lo expidió antes de recibirlo.
paper-once-left = El expediente se entregó a otra institución el { $time }. Aquí no se sabe si el papel se usó allí: pregunte allí antes de recibirlo.
paper-once-asked = He preguntado allí: no se ha usado.
paper-once-ask = Es posible que este papel se haya usado en otra institución. Pregunte allí e indíquelo.
paper-certificate-none = Este certificado aún no tiene código: no se hizo ninguno al firmarlo.
paper-certificate-make = Hacer el certificado con su código
verify-title = ¿Es auténtico este papel?
verify-intro = Escriba el código que aparece en el papel o escanee la imagen.
verify-look = Consultar
verify-absent = No hay ningún papel con este código y este dato. Compare ambos con el papel.
verify-kind = Qué es
verify-issuer = Expedido por
verify-day = Fecha
verify-good = Vigente
verify-replaced = Sustituido por una versión más reciente
verify-revoked = Anulado
verify-expired = Vencido
verify-used = Ya se usó
verify-unsure = Vigente; aquí no se sabe si se usó en otro lugar
verify-detail = Un dato del papel
verify-detail-how = La fecha de nacimiento como está en el papel, o al menos los últimos cuatro caracteres de un número de la persona. Entonces se muestra lo que dice el papel.
verify-show = Mostrar lo que dice
verify-compare = Compárelo con el papel, palabra por palabra.
verify-compare-more = Una parte de lo que dice el papel no incumbe a nadie más y no se muestra aquí. Compare el resto con el papel, palabra por palabra.
verify-another = Otro papel
verify-authority = De quién son estas firmas
verify-authority-intro = Esta institución certifica las claves de su personal. Quien verifica un documento firmado en otro lugar compara esta huella.
verify-fingerprint = Huella (SHA-256)
verify-authority-file = El certificado como archivo
verify-card-title = Comprobar una cartilla de vacunación
verify-card-intro = Pegue lo que un lector obtiene del código (empieza con shc:/) o el texto del archivo. No se guarda nada.
verify-card-text = La cartilla
verify-card-do = Comprobar
verify-card-good = Esta cartilla es auténtica
verify-card-none = Esto no es una cartilla de vacunación.
verify-card-unknown = La cartilla no fue firmada por esta institución.
verify-card-forged = La cartilla fue alterada o es falsa.
verify-card-early = La cartilla aún no es válida.
verify-card-revoked = La cartilla fue retirada.
certificate-take-back = Retirar las cartillas entregadas
certificate-take-back-how = Si una cartilla cayó en malas manos o era incorrecta: toda cartilla de esta persona hasta ahora será rechazada por quien la compruebe. Se puede entregar una nueva de inmediato.
certificate-take-back-do = Retirarlas
form-fault-ends-before = El último día es anterior al primero o a hoy.
form-fault-not-whole-day = Las fechas de este documento llevan su día.
form-fault-overlaps = Algunos de estos días están en otro certificado ({ $bound }). Comience después o anule aquél.
form-fault-too-many-days = Un papel cubre como máximo { $bound } días. Expida otro para el resto.
form-fault-too-many-in-all = Sin interrupción son posibles como máximo { $bound } días.
form-fault-needs-commission = Más de { $bound } días seguidos los decide la comisión: indique su dictamen.
form-fault-follows-nothing = Dice que continúa, pero ningún certificado termina el día anterior. Elija el tipo inicial o comience al día siguiente.
form-fault-begins-too-early = Comienza como muy pronto el { $bound }.
form-fault-begins-too-late = Comienza a más tardar el { $bound }: para un día posterior, expida el documento más cerca de esa fecha.
form-fault-holds-too-long = El día es a más tardar el { $bound }.
form-fault-born-to-come = El nacimiento está en el futuro: revise el día y la hora.
form-fault-mother-is-man = El expediente dice que esta persona es hombre. El certificado de nacimiento se llena en el expediente de la madre.
form-fault-mother-died = El expediente dice que la madre había fallecido antes de ese día. Revise ambas fechas.
form-fault-mother-age = Ese día la madre estaría fuera de las edades de { $bound } años, según su fecha de nacimiento. Revise ambas fechas.
form-fault-person-died = El expediente dice que la persona había fallecido antes del último día de este documento. Revise ambas fechas.
form-fault-person-is-man = El expediente dice que esta persona es hombre. Este tipo de documento es por embarazo o parto.
form-fault-person-age = El primer día la persona estaría fuera de las edades de { $bound } años, según su fecha de nacimiento. Revise ambas fechas.
form-fault-weight-for-weeks = El peso no corresponde a las semanas de gestación (esperado: { $bound }). Revise ambos.
form-fault-born-already = Este niño ya tiene certificado de nacimiento ({ $bound }). Abra ése y corríjalo; si son gemelos, indique el orden al nacer.
form-fault-born-beside-single = Otro certificado ({ $bound }) dice que el nacimiento de esos días fue único. Si éste es su gemelo, corrija aquél: múltiple, con su orden. Si es el mismo niño, corrija aquél en lugar de éste.
form-fault-born-too-near = Otro certificado ({ $bound }) informa de un parto de esta madre, y entre ambos no cabe un embarazo de estas semanas. Revise el día y las semanas de los dos; si son gemelos, ambos dicen que el nacimiento fue múltiple, cada uno con su orden.
form-fault-which-newborn = Hay más de un recién nacido de esta madre y de ese día que puede ser este niño. Indique aquí el orden y la hora del nacimiento; si ya están, pida a quien lleva el registro que los anote primero en los expedientes de los recién nacidos.
paper-short-do = Sin diagnóstico
forms-title = Formularios
forms-drafts = Borradores por terminar
forms-begin = Llenar un formulario
forms-completed = Lo que se ha escrito
forms-none = Aquí no hay formularios.
forms-none-completed = Todavía no se ha completado ningún formulario.
forms-find = Buscar un formulario
forms-find-button = Buscar
forms-found = Formularios encontrados
forms-found-none = Ningún formulario se llama así. Sirven palabras de su título en cualquiera de los cuatro idiomas.
forms-all = Todos los formularios para esta persona
forms-often = Los más usados
forms-kind-visit = Consultas
forms-kind-hospital = Hospital
forms-kind-programme = Programas
forms-kind-prevention = Niñez, vacunas, prevención
forms-kind-paper = Documentos
forms-kind-consent = Consentimiento y rechazo
forms-kind-other = Otros formularios
forms-others = { $count ->
    [one] Un formulario es para otra edad u otro sexo. Se encuentra por su nombre.
    [many] { $count } formularios son para otra edad u otro sexo. Se encuentran por su nombre.
   *[other] { $count } formularios son para otra edad u otro sexo. Se encuentran por su nombre.
}
forms-form = Formulario
forms-written = Escrito
forms-by = Por
forms-fill = Llenar
forms-official = Oficial
forms-proposed = Propuesta
forms-standing = Oficial: una fuente leída dice qué campos lleva el formulario. Propuesta: no se llegó a tal fuente; los campos son una propuesta y no una norma.
forms-amendment = Enmienda
forms-amended = Enmendado
forms-unknown = Un formulario que no está aquí
forms-back = Todos los formularios de esta persona
form-yes = Sí
form-no = No
form-no-answer = Sin respuesta
form-nothing = nada
form-other = Otra cosa, con palabras
form-required = Se necesita una respuesta
form-unit = Unidad
form-more = Más sobre esto
form-attachment = Un archivo adjunto
form-find = Buscar
form-no-list = Aquí no está la lista de estos códigos: escríbalo con palabras.
form-found-more = Los primeros { $count }; escriba más para acotar.
form-add = Agregar una fila
form-remove = Quitar
form-save = Guardar el borrador
form-complete = Completar
form-discard = Desechar el borrador
form-discarded = El borrador se desechó. Su historia permanece.
form-how = Cada guardado se conserva. Solo lo completado pasa a ser parte del expediente.
form-saved = Guardado { $time }
form-saving = Guardando …
form-not-saved = Aún no guardado; se intentará de nuevo.
form-conflict-short = Otra persona guardó este formulario. Pulse «Guardar» para ver ambos.
form-conflict = Otra persona guardó este formulario mientras tanto. Lo suyo aún no se ha escrito y nada se ha perdido: donde la otra versión difiere, está debajo del campo. Corrija lo necesario y guarde de nuevo.
form-changed = El formulario cambió después de abrirse esta página. Aún no se guardó nada: abajo está lo que escribió, salvo opciones y cantidades. Revíselo, elija de nuevo y guarde.
form-completed-meanwhile = Este formulario se completó mientras tanto. Lo que escribió no se guardó; lo que vale está abajo.
form-theirs = En la otra versión:
form-overtaken = Este documento se enmendó después de iniciada esta enmienda; completarla quitaría sin decirlo lo que se corrigió entretanto.
form-overtaken-see = El documento como está
form-anew = Empezar de nuevo
form-anew-how = Lo que usted cambió queda en este borrador; lo demás es como en la versión más nueva, y donde difieren se muestran ambas. Con ello no se completa nada.
form-anew-done = Empezada de nuevo desde la versión más nueva. Lo que usted cambió está en los campos; donde esa versión dice otra cosa, está debajo del campo.
form-overtaken-annulled = Este documento quedó sin vigencia después de iniciada esta enmienda: ya nada lo enmienda. Deseche el borrador.
form-parts = Secciones
form-confirm-one = Del expediente: lo he verificado
form-confirm-all = Todo es correcto
form-absent-label = Sin respuesta porque …
form-absent-unknown = Se desconoce
form-absent-not-asked = No se preguntó
form-absent-declined = No quiso responder
form-refused = Lo que resulta de este formulario incumple una regla del expediente. El borrador se conserva; avise a quien mantiene los formularios.
form-source = De dónde vienen los campos:
form-followed = Lo que resulta de él en el expediente
form-amend = Enmendar
form-amend-reason = Motivo
form-amend-how = El formulario se abre como borrador con estas respuestas. Al completarlo será una versión nueva; la anterior queda en la historia.
form-amend-begin = Iniciar la enmienda
form-amend-wrong = Una enmienda necesita un motivo de mil caracteres como máximo.
form-fault-missing = Falta la respuesta.
form-fault-too-few = Se necesitan al menos { $bound }.
form-fault-too-many = Como máximo { $bound }.
form-fault-too-long = Como máximo { $bound } caracteres.
form-fault-too-short = Al menos { $bound } caracteres.
form-fault-not-number = Esto no es un número.
form-fault-not-whole = Esto no es un número entero.
form-fault-grouped = Esto se puede leer de dos maneras. Escriba los millares sin signo (1500) y la fracción con punto (1.5); si después del punto van tres cifras, agregue un cero (1.2340).
form-fault-too-small = Al menos { $bound }.
form-fault-too-large = Como máximo { $bound }.
form-fault-too-precise = Como máximo { $bound } decimales.
form-fault-not-date = Esto no es una fecha.
form-fault-not-time = Esto no es una hora.
form-fault-not-address = Esto no es una dirección web.
form-fault-pattern = No está escrito en la forma pedida.
form-fault-not-offered = No es ninguna de las opciones.
form-fault-no-unit = Falta la unidad.
form-fault-unit-not-offered = Esta unidad no se ofrece.
form-fault-wrong-type = Hay una respuesta que este formulario no pide.
form-fault-unconfirmed = Viene del expediente: verifíquelo y confírmelo.
form-fault-rule = Se incumple una regla del formulario.
form-found = { $count ->
    [one] Se encontró { $count }.
    [many] Se encontraron { $count }.
   *[other] Se encontraron { $count }.
}
form-wrong = { $count ->
    [one] Una cosa aún no está bien
    [many] { $count } cosas aún no están bien
   *[other] { $count } cosas aún no están bien
}
form-flaws = { $count ->
    [one] { $count } parte de este formulario no se puede leer y se omite. Avise a quien mantiene los formularios.
    [many] { $count } partes de este formulario no se pueden leer y se omiten. Avise a quien mantiene los formularios.
   *[other] { $count } partes de este formulario no se pueden leer y se omiten. Avise a quien mantiene los formularios.
}
form-unconfirmed = { $count ->
    [one] { $count } respuesta viene del expediente y aún no está confirmada.
    [many] { $count } respuestas vienen del expediente y aún no están confirmadas.
   *[other] { $count } respuestas vienen del expediente y aún no están confirmadas.
}
form-done = { $count ->
    [one] Completado. De él resulta { $count } entrada del expediente.
    [many] Completado. De él resultan { $count } entradas del expediente.
   *[other] Completado. De él resultan { $count } entradas del expediente.
}

# How long a record is kept
held-record = El expediente está bajo retención y no se borra.
held-kind = Hay documentos bajo retención que no se borran ({ $kind }).
held-until = Hasta el { $day }.
held-open = Hasta que se levante la retención.
held-by = Lo pidió { $login }: { $reason }.
kept-until = Se conserva al menos hasta el { $day }.
kept-undated = No se puede decir hasta cuándo se conserva: nada en él tiene un día desde el que contar.
kept-by-writing = { $count ->
    [one] { $count } anotación no dice cuándo se hizo y cuenta desde el día en que se escribió aquí por última vez
    [many] { $count } de anotaciones no dicen cuándo se hicieron y cuentan desde el día en que se escribieron aquí por última vez
   *[other] { $count } anotaciones no dicen cuándo se hicieron y cuentan desde el día en que se escribieron aquí por última vez
}
kept-for-life = { $count ->
    [one] Se conserva durante toda la vida y al menos { $count } año más.
    [many] Se conserva durante toda la vida y al menos { $count } de años más.
   *[other] Se conserva durante toda la vida y al menos { $count } años más.
}

# ---- lo que necesita dos

agreements-title = Segunda persona
agreements-intro = Borrar a una persona y llevarse todo el sitio requieren dos personas. Pregunte a quien lo pide antes de aceptar; su respuesta queda en el registro con su nombre.
agreements-none = Nadie espera su respuesta.
agreements-erasure = Borrar a una persona para siempre
agreements-export = Llevarse todo el sitio
agreements-persons = Llevarse los expedientes de todas las personas
agreements-asked = Lo pide
agreements-no-reason = No se dio ningún motivo.
agreements-until = Hasta el { $time }
agreements-by = Aceptado
agreements-agree = Aceptar solo esta vez
agreements-agree-standing = Aceptar durante 30 días
agreements-why-not = Por qué no
agreements-decline = Rechazar
agreements-withdraw = Retirar la aceptación
agreements-agreed = Usted ha aceptado.
agreements-declined = Usted ha rechazado.
agreements-withdrawn = La aceptación queda retirada.
agreements-reason-wrong = Diga por qué, de 1 a 500 caracteres en una línea.

# ---- un sitio que pide llaves de acceso, y un proveedor enlazado después

sign-in-passkey-only = Este sitio solo acepta llaves de acceso: elija «Entrar con una llave de acceso». Si perdió la suya, pregunte a quien lleva las cuentas.
passkey-required = Este sitio solo acepta llaves de acceso. Añada una ahora; desde entonces entra con ella y no con su contraseña.
passkey-last = Es su última llave de acceso y este sitio pide una. Añada otra antes de quitarla.
accounts-no-passkey = aún sin llave de acceso
provider-link = Entrar también con { $name }
provider-link-title = Enlazar su cuenta
provider-link-ask = { $name } nos ha dicho quién es usted. ¿Debe abrirle esta cuenta de ahora en adelante?
provider-link-yes = Enlazar
provider-link-no = Dejarlo
provider-linked = Enlazada. Desde ahora entra de cualquiera de las dos formas.
provider-is-linked = { $name } le abre la puerta.
provider-unlink = Quitar el enlace
provider-unlink-help = Pide su contraseña, con la que entrará después. Quien entró por el proveedor sale de la sesión.
provider-unlinked = El enlace queda quitado.
provider-unlike-account = El proveedor nombra a otra persona que este expediente. Pregunte en un centro de salud.

# ---- quién paga, a qué unidad pertenece la persona y el paso a otra institución

section-coverage = Seguro y unidad
coverage-title = Seguro
coverage-covered = Hoy tiene cobertura
coverage-uncovered = Hoy nadie paga
coverage-none = No hay ningún seguro registrado.
coverage-payor = Quién paga
coverage-payor-treats = { $name } (atiende)
coverage-payor-asked = La que elegí atiende según su registro, y paga por esta persona.
coverage-number = Número
coverage-number-wrong = el número no corresponde a su esquema
coverage-from = Desde
coverage-until = Hasta
coverage-now = vigente
coverage-past = terminado
coverage-later = comienza después
coverage-void = sin vigencia
coverage-overlaps = coincide con otro
coverage-gap = { $count ->
    [one] Nadie pagó durante { $count } día
    [many] Nadie pagó durante { $count } de días
   *[other] Nadie pagó durante { $count } días
}
coverage-end = Terminar
coverage-end-button = Termina ese día
coverage-last-day = Último día
coverage-last-day-if = Último día, si se conoce
coverage-first-day = Primer día
coverage-desk = En la ventanilla
coverage-find = Buscar una unidad, una institución o una aseguradora
coverage-find-help = Lo encontrado puede elegirse abajo. Sin búsqueda aparecen las que nombra el expediente.
coverage-found-none = No se encontró nada con ese nombre.
coverage-find-first = Busque primero la unidad o la aseguradora.
coverage-begin = Comienza un seguro
coverage-begin-button = Comienza ese día
coverage-kind = Tipo
coverage-kind-public = seguro público
coverage-kind-subsidised = programa subsidiado
coverage-kind-extended = seguro complementario
coverage-kind-private = seguro privado
coverage-scheme = Esquema del número
coverage-scheme-none = otro, que no se comprueba
coverage-fault = Ahora no es posible: alguien acaba de cambiarlo. Vuelva a mirar.
coverage-fault-payor = Elija quién paga y el tipo de seguro.
coverage-fault-payor-asked = Según su registro, la institución elegida atiende. Si paga por esta persona, elíjala de nuevo y marque que paga; si no, elija quién paga.
coverage-fault-overlaps = El seguro nuevo comienza antes de que termine el último día de los que acaban: hágalo comenzar al día siguiente.
coverage-fault-day = Revise los días: el último no es anterior al primero, y lo que terminó no se alarga.
coverage-fault-no-first-day = El primer día no existe o no es un día completo: revíselo.
coverage-fault-no-last-day = El último día no existe o no es un día completo: revíselo.
coverage-fault-far-first-day = El primer día está demasiado lejos: revise el año.
coverage-fault-far-last-day = El último día está demasiado lejos: revise el año.
coverage-fault-before-birth = El primer día es anterior a la fecha de nacimiento de la persona: revise ambos.
coverage-fault-ended-already = Ese seguro ya ha terminado para entonces, y lo que terminó no se alarga.
coverage-fault-ends-before = El último día es anterior al primero.
coverage-fault-number = El número no corresponde a su esquema: la longitud o el dígito verificador están mal.
coverage-fault-unit = Elija otra unidad. Un cambio puede ir a cualquier unidad; un traspaso va a otra institución desde una a la que la persona pertenece; una unidad fuera de servicio no recibe a nadie.
coverage-fault-not-a-unit = Elija otra unidad: a una aseguradora, un pagador o un laboratorio no se asigna a nadie. Si también atiende, su registro debe decirlo (tipo prov).
unit-title = Unidad de adscripción
unit-column = Unidad
unit-now = actual
unit-past = anterior
unit-transferred = traspaso a otra institución
unit-none = Sin unidad de adscripción.
unit-none-desk = Busque la unidad abajo y adscriba a la persona.
unit-new = Unidad nueva
unit-change = Cambiar de unidad
unit-change-intro = Un solo acto: el personal de la unidad nueva ve de inmediato el expediente completo. Las unidades anteriores quedan en la lista, y allí se nombra un nuevo médico familiar.
unit-change-button = Adscribir a esta unidad
transfer = Traspasar a otra institución
transfer-intro = La institución nueva ve de inmediato el expediente completo. La anterior conserva lo que ella misma escribió y ya no ve lo demás, salvo en una urgencia. No se borra nada.
transfer-ends = Seguros que terminan
transfer-payor = Quién paga desde ahora
transfer-payor-none = todavía no se sabe
transfer-button = Traspasar

forms-said-person = Dicho por la persona
forms-said-proxy = Dicho por quien actúa por la persona
forms-said-you = Dicho por usted
mine-forms = Formularios para usted
send-check = Revisar y enviar
send-draft = Cada borrador queda guardado. Quien atiende solo ve lo que usted envía.
send-title = Enviar
send-as = Lo envía
send-do = Enviar
send-not-yet = Todavía no
send-how = Entra en el expediente como palabras suyas, con su nombre y la hora. Después no se cambia: para corregir algo, envíe el formulario otra vez.
send-consent = Lo que aquí acepta o rechaza vale desde que lo envía, hasta que envíe otra cosa.
send-changed = El formulario cambió entretanto. Revíselo otra vez antes de enviarlo.
send-done = Enviado. Quien atiende lo ve como palabras suyas.
form-take = Continuar con estas respuestas
form-take-how = Se abre un borrador con lo que dijo la persona. Usted confirma cada respuesta y lo que complete es suyo; lo que dijo la persona queda como está.
vaccine-refused = Rechazada el { $day }
overdue-refused = { $since } (rechazada el { $day })
form-addendum = Adenda
form-addendum-open = Abrir la adenda con sus firmas
form-appends = Adenda de:
form-append = Añadir algo
form-append-how = Una adenda es un documento propio con su propia firma. El documento firmado queda como está y ambos se muestran juntos. Para corregir un error, enmiende.
form-append-wrong = Solo se añade a un documento firmado y vigente, y donde el sitio tiene un formulario para ello.
form-append-annulled = A un documento anulado no se añade nada. Escriba lo que deba saberse como documento propio; el borrador de una adenda puede desecharse.
forms-addendum-alone = Una adenda se empieza desde el documento al que añade: abra el documento firmado y pulse «Añadir algo».
form-fault-too-costly = El formulario cuesta demasiado en “{ $bound }”: lo que allí calcula o pregunta no puede resolverse. Avise a quien lleva los formularios.
form-fault-not-begun = Lo que dice el expediente no se pudo traer aquí: calcularlo costaría demasiado. Escríbalo usted y avise a quien lleva los formularios.
form-fault-left-out = Del expediente faltan aquí { $bound } más, que no caben en el formulario. Véalos en el expediente y anote aquí lo que importe.
form-fault-unsettled = Las fórmulas del formulario se contradicen en “{ $bound }”. Avise a quien lleva los formularios.

# What happened after a vaccination.
event-title = Lo ocurrido después de una vacuna
event-intro = Lo que se observó después de una dosis. No dice nada de la causa; quien aplique la siguiente lo verá y lo valorará.
event-dose = Después de qué dosis
event-what = Qué ocurrió
event-words = Con palabras
event-day = Empezó el
event-serious = Puso en peligro la vida, llevó al hospital o dejó secuelas
event-write = Anotar
event-fault-dose = Elija una dosis de este expediente.
event-fault-what = Diga qué ocurrió; si es otra cosa, con palabras.
event-fault-day = El día no es anterior a la dosis ni futuro.
event-fever = Fiebre
event-local-reaction = Reacción en el sitio de aplicación
event-rash = Erupción
event-crying = Llanto de horas
event-seizure = Convulsión
event-collapse = Colapso o flacidez
event-anaphylaxis = Anafilaxia
event-intussusception = Invaginación intestinal
event-other = Otra cosa
event-is-serious = grave
event-add = Anotar una reacción
reason-after-event = Después de una dosis anterior ocurrió algo el { $day }: valórelo antes de la siguiente.
reason-after-serious-event = Después de una dosis anterior ocurrió algo grave el { $day }: un médico decide sobre la siguiente.

# Milestones of development.
milestones-title = Desarrollo
milestone = Lo que ya hace
milestone-ages = Edades
milestones-note = Tardío es solo lo que alguien buscó y no vio. Nacida o nacido antes de las 37 semanas: se compara con la edad corregida hasta los dos años.
milestone-is-reached = Lo hace
milestone-is-late = Tardío
milestone-is-unknown = Nadie lo anotó
milestone-is-skipped = No todos lo hacen
milestone-is-now = Es su tiempo
milestone-is-not-yet = Más adelante
milestone-why-late = Se buscó y no se vio; casi todos lo hacen a los { $age }.
card-gap-milestone = No consta si ya lo hace: { $milestone }
milestone-smiles = Sonríe a las personas
milestone-holds-head = Sostiene la cabeza
milestone-rolls = Se voltea
milestone-sits-alone = Se sienta sin ayuda
milestone-stands-with-help = Se para con ayuda
milestone-crawls = Gatea con manos y rodillas
milestone-walks-with-help = Camina con ayuda
milestone-stands-alone = Se para sin ayuda
milestone-walks-alone = Camina sin ayuda
milestone-first-words = Dice palabras
milestone-phrases = Dice frases

# ---- dónde vive la persona

section-address = Domicilio
address-title = Dónde vive la persona
address-none = No hay ningún domicilio registrado.
address-kind = Uso
address-use-home = casa
address-use-work = trabajo
address-use-temp = temporal
address-use-billing = facturas
address-now = actual
address-past = anterior
address-since = desde { $year } { $place }
address-mend = Corregir
address-mend-title = Corregir un domicilio
address-mend-help = Se cambia lo que se escribió mal; la versión anterior queda en el historial. Un estado o provincia que ya no existe queda como se escribió. Quien se mudó recibe un domicilio nuevo.
address-mend-button = Corregir
address-move = La persona se muda
address-move-help = El domicilio nuevo empieza en su primer día y el actual termina el día anterior. No se pierde nada.
address-move-button = Anotar el domicilio nuevo
address-move-instead = En su lugar, la persona se muda
address-country = País
address-country-button = Mostrar su lista
address-country-name = Nombre del país
address-elsewhere = otro
address-state = Estado, provincia o región
address-state-help = Escriba el comienzo y elija. La lista tiene lo que existe hoy.
address-as-typed = No está en la lista: tomarlo como lo escribí
address-district = Municipio, alcaldía o distrito
address-city = Localidad
address-line = Calle y número
address-postal = Código postal
address-fault-state = No está en la lista de ese país. Elija de la lista o indique que se tome como lo escribió.
address-fault-ended = Ya no existe. Hoy es { $place }: elija eso.
address-fault-kept = Lo que se escribió pasó a ser esto. El domicilio conserva lo escrito y la página dice al lado qué es hoy. Déjelo, o anote que la persona se mudó.
address-fault-day = Revise el primer día: no es futuro ni anterior al comienzo del domicilio actual. Si ese está mal, corríjalo.
address-fault-no-day = Revise el primer día: no existe o no es un día completo. Escriba año, mes y día.
address-fault-place = Revise el domicilio: dice al menos un lugar y cada parte es una línea corta.
death-title = Defunción
death-record = Registrar una defunción
death-correct = Corregir la fecha de defunción
death-help = Quien abra el expediente verá que esta persona murió. Revise una vez más de quién se trata. Una fecha que no se conoce no se adivina.
death-day = Fecha de defunción
death-time = Hora, si se conoce
death-undated = Nadie conoce la fecha
death-known-from = De dónde se sabe (un certificado, un aviso), en una línea y sin nombres
death-button = Registrar
death-take-back = Retirarla: se registró en la persona equivocada
death-take-back-help = El expediente ya no dirá que esta persona murió. Lo que se dijo queda en el historial.
death-take-back-button = Retirar
death-fault-day = Revise la fecha: indique una que exista, o diga que nadie la conoce y deje vacías la fecha y la hora.
death-fault-to-come = Revise la fecha y la hora: una defunción se registra después de ocurrida.
death-fault-birth = Revise la fecha: es anterior al nacimiento de la persona.
life-fault-record = Otro dato de esta persona no puede ser correcto, como la fecha de nacimiento. Corríjalo primero.

# ---- where an entry was written

field-institution = Institución
institution-not-stated = institución sin dato
openings-from-elsewhere = De otra institución
openings-from-elsewhere-intro = Estas consultas ocurrieron en otra institución, antes de que el expediente llegara aquí. Ella las informó al entregarlo; son su palabra y no forman parte del registro de arriba.
openings-from-elsewhere-more = { $count ->
    [one] { $count } consulta anterior no se muestra.
    [many] { $count } de consultas anteriores no se muestran.
   *[other] { $count } consultas anteriores no se muestran.
}

register-title = Registrar a una persona
register-kind = De quién se trata
register-kind-known = Con documentos
register-kind-foreigner = Extranjero con pasaporte
register-kind-unknown = Persona desconocida, en urgencia
register-kind-newborn = Recién nacido de una madre registrada
register-newborn-of = Registrar a un recién nacido
register-country = País de los documentos
register-country-button = Mostrar sus campos
register-born = Fecha de nacimiento
register-born-help = Día, mes y año; o solo el año si no se sabe más. Puede omitirse si un número la indica.
register-age = O edad aproximada, en años
register-age-help = Se guarda como año de nacimiento, marcado como estimado.
register-age-alone = Edad aproximada, en años
register-mother = Madre
register-mother-help = Su número o su nombre. Si abre antes el expediente de ella y viene desde ahí, no hay que buscarla.
register-mother-seek = Buscar
register-mother-this = Esta es la madre
register-mother-other = Otra madre
register-mother-none = Regístrela primero; como desconocida si no puede decir quién es.
register-mother-missing = Un recién nacido se registra con su madre: búsquela y elíjala.
register-born-day = Día de nacimiento
register-born-day-help = Día, mes y año.
register-born-time = Hora de nacimiento
register-born-time-help = Hora y minuto, como 9:15.
register-birth-order = Cuál de cuántos
register-birth-order-help = Distingue a los gemelos, también para el certificado de nacimiento.
register-birth-single = único
register-birth-nth = { $place } de varios
register-same-mother = La misma madre, el mismo día.
register-former-number = Esta persona llevó antes este número: compruebe de quién es.
register-passport = Número de pasaporte
register-passport-country = País que lo expidió
register-passport-country-help = Tres letras, como aparecen en el pasaporte: FRA, CHN.
register-contact = A quién avisar, nombre
register-contact-telephone = A quién avisar, teléfono
register-place = Dónde se le encontró
register-place-help = Junto con el número provisional distingue a varias personas desconocidas.
register-number-help = Con o sin espacios. Lo que indica no hay que escribirlo.
register-look-again = Aún no se registró a nadie: revise los campos marcados.
register-fault-missing = Este dato es necesario.
register-fault-unreadable = No se puede leer: compárelo con el documento.
register-fault-impossible = Es una fecha futura o demasiado lejana: revise el año.
register-fault-short = Faltan signos: compárelo con el documento.
register-fault-long = Sobran signos: compárelo con el documento.
register-fault-sign = Un signo no puede estar en su lugar: letras y cifras se parecen.
register-fault-no-digit = Solo tiene letras: faltan las cifras del número. Compárelo con el documento.
register-fault-birth = La fecha de nacimiento que contiene no existe: compárelo con el documento.
register-fault-region = La región que contiene no está en ninguna lista: compárelo con el documento.
register-fault-check = El dígito verificador no coincide: un signo está mal o dos están cambiados.
register-fault-placeholder = Son solo ceros, una cifra repetida o la clave genérica de extranjeros: escriba el número del documento, o ninguno.
register-fault-birth-to-come = Indica un nacimiento futuro: compare las cifras del siglo y del año con el documento.
register-fault-contradicts = La fecha de nacimiento y la edad se contradicen: corrija una o deje una vacía.
register-held = Esta persona ya está registrada: alguien tiene el mismo número. Abra su expediente o corrija el número.
register-held-elsewhere = Un número pertenece a alguien ya registrado. No se registró a nadie. Vuelva a mirar o pregunte al archivo.
register-likely-help = Abra el expediente si es la persona. Si no es nadie de la lista, registre abajo.
register-this = Es esta persona
register-agrees = Coincide: { $what }.
register-differs = Difiere: { $what }.
register-limit-twins = Puede ser gemelo o gemela.
register-limit-country = Constan dos países distintos.
register-limit-number = Tiene otro número que solo una persona puede tener.
register-limit-other = El número puede ser de otra persona.
register-warnings = Lo que no concuerda
register-says-birth = { $number } indica otra fecha de nacimiento.
register-says-sex = { $number } indica otro sexo.
register-confirm = Lo comparé con los documentos: registrar como está escrito.
register-button = Registrar
register-new-button = Registrar como persona nueva
register-again-button = Volver a comprobar

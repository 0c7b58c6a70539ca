/** A town of Bretagne. Centre in WGS84 degrees; population about 2020, rounded to hundreds. */
export interface Town {
  /** three letters, unique; part of site ids */
  readonly code: string;
  readonly name: string;
  /** département: 22, 29, 35 or 56 */
  readonly department: string;
  readonly lat: number;
  readonly lon: number;
  readonly population: number;
  /** on the coast: fuller in summer and at weekends */
  readonly coastal: boolean;
}

const ROWS = `
REN Rennes 35 48.117 -1.678 222500
BRE Brest 29 48.390 -4.486 139600 coast
QUI Quimper 29 47.996 -4.102 63600
LOR Lorient 56 47.748 -3.370 57800 coast
VAN Vannes 56 47.658 -2.760 54000 coast
MAL Saint-Malo 35 48.649 -2.026 46800 coast
STB Saint-Brieuc 22 48.514 -2.765 44200 coast
LAN Lanester 56 47.765 -3.342 23200
FOU Fougères 35 48.352 -1.199 20700
LNN Lannion 22 48.733 -3.459 20100
CCN Concarneau 29 47.875 -3.918 20000 coast
VIT Vitré 35 48.124 -1.209 18900
BRU Bruz 35 48.024 -1.746 18700
PLM Ploemeur 56 47.736 -3.428 17900 coast
CES Cesson-Sévigné 35 48.121 -1.603 17900
LAM Lamballe 22 48.469 -2.516 16700
LDN Landerneau 29 48.451 -4.249 16100
HEN Hennebont 56 47.805 -3.277 15800
GUI Guipavas 29 48.435 -4.401 15000
PTY Pontivy 56 48.068 -2.963 15000
MOR Morlaix 29 48.578 -3.828 14800
AUR Auray 56 47.668 -2.982 14300
DIN Dinan 22 48.454 -2.047 14200
PLR Plérin 22 48.533 -2.771 14200 coast
SJL Saint-Jacques-de-la-Lande 35 48.065 -1.719 14200
DOU Douarnenez 29 48.093 -4.329 14100 coast
PLG Plougastel-Daoulas 29 48.373 -4.369 13400 coast
PLZ Plouzané 29 48.381 -4.620 13200 coast
BET Betton 35 48.183 -1.644 12400
QPL Quimperlé 29 47.873 -3.550 12200
SAV Saint-Avé 56 47.687 -2.734 12100
GDL Guidel 56 47.790 -3.489 12000 coast
PAC Pacé 35 48.148 -1.772 12000
REL Le-Relecq-Kerhuon 29 48.409 -4.396 11900 coast
PLF Ploufragan 22 48.489 -2.796 11400
CHP Chantepie 35 48.089 -1.616 10600
PLO Ploërmel 56 47.932 -2.398 10200
CHG Châteaugiron 35 48.046 -1.503 10200
DNR Dinard 35 48.633 -2.061 10100 coast
FSN Fouesnant 29 47.894 -4.012 9900 coast
SGR Saint-Grégoire 35 48.151 -1.686 9800
LOU Loudéac 22 48.178 -2.754 9600
RED Redon 35 47.651 -2.084 9300
LVS Landivisiau 29 48.509 -4.067 9200
SEN Séné 56 47.619 -2.737 9200 coast
LRH Le-Rheu 35 48.101 -1.795 9000
GCH Guichen 35 47.968 -1.795 8800
QVN Quéven 56 47.789 -3.416 8700
SRZ Sarzeau 56 47.528 -2.769 8700 coast
EGB Ergué-Gabéric 29 47.996 -4.023 8600
THO Thorigné-Fouillard 35 48.159 -1.579 8500
PBN Plabennec 29 48.501 -4.426 8500
LMP Larmor-Plage 56 47.706 -3.384 8500 coast
THX Theix-Noyalo 56 47.629 -2.652 8500
JNZ Janzé 35 47.961 -1.499 8400
TGX Trégueux 22 48.490 -2.743 8400
PAB Pont-l'Abbé 29 47.867 -4.222 8200
VRN Vern-sur-Seiche 35 48.045 -1.601 8200
SRN Saint-Renan 29 48.433 -4.623 8100
LGX Langueux 22 48.496 -2.718 7900
QST Questembert 56 47.661 -2.453 7800
LIF Liffré 35 48.213 -1.508 7800
RSP Rosporden 29 47.960 -3.834 7600
CRZ Crozon 29 48.246 -4.489 7600 coast
BDB Bain-de-Bretagne 35 47.843 -1.685 7400
MRD Mordelles 35 48.074 -1.844 7400
LSV Lesneven 29 48.572 -4.324 7400
CHX Carhaix-Plouguer 29 48.276 -3.573 7200
PMP Paimpol 22 48.779 -3.047 7200 coast
PRG Perros-Guirec 22 48.814 -3.443 7100 coast
BNC Binic-Étables-sur-Mer 22 48.601 -2.826 7000 coast
GGP Guingamp 22 48.563 -3.151 7000
MFM Montfort-sur-Meu 35 48.139 -1.955 6700
MOE Moëlan-sur-Mer 29 47.814 -3.629 6700 coast
SPL Saint-Pol-de-Léon 29 48.685 -3.985 6600 coast
BAU Baud 56 47.875 -3.018 6400
PDZ Ploudalmézeau 29 48.541 -4.657 6300 coast
GUR Guer 56 47.906 -2.123 6200
COM Combourg 35 48.410 -1.750 6000
DOL Dol-de-Bretagne 35 48.549 -1.750 5800
PLY Plouay 56 47.915 -3.334 5800
BRC Briec 29 48.102 -4.001 5700
BAN Bannalec 29 47.933 -3.697 5700
LNL Lannilis 29 48.570 -4.520 5600
SCR Scaër 29 48.028 -3.701 5200
MUZ Muzillac 56 47.554 -2.481 5100
CTL Châteaulin 29 48.197 -4.090 5100
BGD Bégard 22 48.631 -3.303 4700
QBR Quiberon 56 47.484 -3.119 4700 coast
LMN Locminé 56 47.886 -2.835 4300
LGB La-Guerche-de-Bretagne 35 47.942 -1.230 4300
CRN Carnac 56 47.585 -3.078 4300 coast
PVA Pléneuf-Val-André 22 48.591 -2.549 4200 coast
LGA La-Gacilly 56 47.764 -2.133 3900
ERQ Erquy 22 48.630 -2.463 3900 coast
GRN Gourin 56 48.140 -3.607 3800
BLZ Belz 56 47.675 -3.169 3800 coast
AUD Audierne 29 48.022 -4.537 3700 coast
PLS Plestin-les-Grèves 22 48.658 -3.630 3600 coast
ROS Roscoff 29 48.726 -3.986 3300 coast
RST Rostrenen 22 48.237 -3.315 3000
BRO Broons 22 48.317 -2.262 2900
MDG Merdrignac 22 48.193 -2.415 2900
SQP Saint-Quay-Portrieux 22 48.650 -2.831 2900 coast
QTN Quintin 22 48.402 -2.909 2800
FAO Le-Faouët 56 48.032 -3.490 2800
LPB Le-Palais 56 47.347 -3.154 2600 coast
MLT Malestroit 56 47.809 -2.383 2500
JOS Josselin 56 47.954 -2.547 2500
TRG Tréguier 22 48.786 -3.231 2400
CLC Callac 22 48.403 -3.427 2200
`;

function readTown(line: string): Town {
  const [code = '', name = '', department = '', lat, lon, population, coast] = line.split(' ');
  return {
    code,
    name: name.replace(/^(La|Le)-/, '$1 '),
    department,
    lat: Number(lat),
    lon: Number(lon),
    population: Number(population),
    coastal: coast === 'coast',
  };
}

/** Towns of the region, greatest first. */
export const TOWNS: readonly Town[] = ROWS.trim().split('\n').map(readTown);
